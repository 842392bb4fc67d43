import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { k6Path, startServer } from '../../loadtests/testdata/run.ts';
import { LoadlineError } from '../../model/errors.ts';
import { meanOf } from '../../model/histogram.ts';
import { localK6 } from '../runtimes/local/k6.ts';
import { driveWithK6, type LoadToDrive } from './generator.ts';

const never = new AbortController().signal;
const goOn = () => 'go-on' as const;

test('the load begins at the moment that is told, and k6 is gone when it has ended', async () => {
  await using server = await startServer({ delayMs: 20 });
  let pid = 0;
  let begunAt = Number.NaN;
  let reports = 0;
  const called = performance.now() / 1000;
  const outcome = await driveWithK6(buildLoad(server.url, { steadyState: 2 }), {
    launch: localK6(k6Path, started => {
      pid = started;
    }),
    signal: never,
    onBegin: begun => {
      begunAt = begun;
    },
    onReport: () => {
      reports++;
      return 'go-on';
    },
  });
  assert.ok(begunAt > called && begunAt < called + 2, `begun ${begunAt - called} s after the call`);
  assert.ok(reports >= 2 * 4 * 2, `${reports} reports`);
  assert.ok(!isAlive(pid));
  const mean = meanOf(outcome.responseTimeFromSend);
  assert.ok(mean > 0.02 && mean < 0.03, `mean ${mean}`);
});

test('a burst hands over every response', async () => {
  await using server = await startServer({ delayMs: 20 });
  const toDrive = { ...buildLoad(server.url), load: { model: 'burst', requests: 7 } } as const;
  const outcome = await driveWithK6(toDrive, { launch: localK6(k6Path), signal: never, onReport: goOn });
  assert.equal(outcome.responses?.length, 7);
  assert.equal(outcome.scored, 7);
});

test('an interruption ends k6 at once and leaves nothing', async () => {
  await using server = await startServer({ delayMs: 20 });
  const interruption = new AbortController();
  let pid = 0;
  const driving = driveWithK6(buildLoad(server.url, { steadyState: 60 }), {
    launch: localK6(k6Path, started => {
      pid = started;
    }),
    signal: interruption.signal,
    onReport: ({ sent }) => {
      if (sent > 0) interruption.abort(new LoadlineError('interrupted', 'stopped by the test'));
      return 'go-on';
    },
  });
  const begun = performance.now();
  await assert.rejects(driving, { code: 'interrupted' });
  assert.ok(performance.now() - begun < 10_000);
  assert.ok(!isAlive(pid));
});

test('what a listener throws ends the load', async () => {
  await using server = await startServer({ delayMs: 20 });
  const driving = driveWithK6(buildLoad(server.url, { steadyState: 60 }), {
    launch: localK6(k6Path),
    signal: never,
    onReport: () => {
      throw new RangeError('thrown by the listener');
    },
  });
  await assert.rejects(driving, { message: 'thrown by the listener' });
});

test('k6 that ends before its load, or cannot be started, is reported with its last lines or its path', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'loadline-'));
  const broken = join(folder, 'k6');
  await writeFile(broken, '#!/bin/sh\necho the first line\necho "cannot go on" >&2\nexit 7\n', { mode: 0o755 });
  for (const [path, message] of [
    [broken, /exit code 7.*\n[\s\S]*cannot go on/],
    ['/nowhere/k6', /\/nowhere\/k6/],
  ] as const) {
    const driving = driveWithK6(buildLoad('http://127.0.0.1:1'), {
      launch: localK6(path),
      signal: never,
      onReport: goOn,
    });
    await assert.rejects(driving, { code: 'k6-failed', message });
  }
  await rm(folder, { recursive: true });
});

function buildLoad(target: string, { steadyState = 1 }: { steadyState?: number } = {}): LoadToDrive {
  return {
    target,
    requests: [{ weight: 1, method: 'GET', path: '/plain' }],
    load: { model: 'open', arrivalRate: 100 },
    phases: { warmUp: 0, steadyState, timeLimit: 2 },
    objective: 0.25,
    seed: 1,
  };
}

function isAlive(pid: number): boolean {
  assert.ok(pid > 0);
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
