import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { experimentOf, waitOn } from '../search/testdata/cells.ts';
import { waitingAlone } from '../simulation/service-model.ts';
import { createRunFolder, type RunFolder, readAskedRun, writeAsked } from './run-folder.ts';

import { TrialsFile } from './trials-file.ts';

const asked = { experiment: experimentOf([waitOn('sync')]), runtime: 'simulated' } as const;
let runs: string;
let folder: RunFolder;

beforeEach(() => {
  runs = mkdtempSync(join(tmpdir(), 'loadline-runs-'));
  folder = createRunFolder(runs, 'quick', new Date(0));
});
afterEach(() => rmSync(runs, { recursive: true }));

test('a run that was killed before its first trial is known by what was asked for', () => {
  writeAsked(folder, asked);
  assert.deepEqual(readAskedRun(folder).experiment, asked.experiment);
  assert.equal(readAskedRun(folder).before, undefined);
});

test('what a simulation was to simulate is known as well', () => {
  writeAsked(folder, { ...asked, service: waitingAlone });
  assert.deepEqual(readAskedRun(folder), { schema: 3, ...asked, service: waitingAlone });
});

test('a header that was cut in half is no header, and makes room for a whole one', () => {
  writeAsked(folder, asked);
  writeFileSync(folder.trials, '{"schema":3,"experi');
  assert.equal(readAskedRun(folder).before, undefined);
  TrialsFile.create(folder.trials, { ...asked, environment: {} })[Symbol.dispose]();
});

test('a run with a header is known by its trials', () => {
  TrialsFile.create(folder.trials, { ...asked, environment: { node: 'v24' } })[Symbol.dispose]();
  const { before, runtime } = readAskedRun(folder);
  assert.deepEqual(before?.environment, { node: 'v24' });
  assert.equal(runtime, 'simulated');
});

test('an empty folder cannot be resumed', () => {
  assert.throws(() => readAskedRun(folder), { code: 'results-unreadable', message: /nothing to resume/ });
});
