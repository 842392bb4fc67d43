import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockMeasuring, lockRun } from './measuring-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadline-'));
after(() => rmSync(folder, { recursive: true }));

test('of two measurements of a checkout the second is refused until the first has ended', async () => {
  {
    await using _first = await lockMeasuring(folder, 'local');
    await assert.rejects(lockMeasuring(folder, 'compose'), { code: 'measurement-running' });
  }
  await using _next = await lockMeasuring(folder, 'local');
});

test('a simulation disturbs nobody', async () => {
  await using _first = await lockMeasuring(folder, 'local');
  await using _second = await lockMeasuring(folder, 'simulated');
});

test('a run is written by one command at a time', async () => {
  await using _first = await lockRun(folder);
  await assert.rejects(lockRun(folder), { code: 'run-in-use', message: new RegExp(folder) });
});
