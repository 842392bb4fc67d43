import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Trial } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { createRunFolder, writeAsked } from '../run/run-folder.ts';
import { SimulatedRuntime } from '../runtimes/simulated/runtime.ts';
import { experimentWith, trialAt, waitOn } from '../search/testdata/cells.ts';
import { measuredService } from '../simulation/service-model.ts';
import { isNothingMeasured } from './compare.ts';
import { type CommandContext, lockMeasuring, lockRun } from './context.ts';
import { parseChanges, prepareResumedRun, prepareRun, withPrecision } from './requested-run.ts';

let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'loadline-asked-'));
});
after(() => rmSync(root, { recursive: true }));

function contextWith(said: string[] = []): CommandContext {
  const { signal } = new AbortController();
  return { root, signal, say: line => void said.push(line), print: () => undefined };
}

/** An experiment file with these keys beside the required ones. */
function fileWith(keys: string): string {
  const file = join(root, 'asked.yaml');
  writeFileSync(file, `name: asked\nbudget: 60\ndeployments: [sync]\nworkloads: [wait]\n${keys}`);
  return file;
}

test('a simulated run that was killed before its first trial goes on with its own service, an older one with the shipped', async () => {
  const other = { ...measuredService, source: 'another machine' };
  const asked = { runtime: 'simulated', cpus: '2', service: other };
  const { experiment, runtime, service } = await prepareRun(fileWith(''), asked, contextWith());
  const folder = createRunFolder(root, 'killed', new Date(0));
  writeAsked(folder, { experiment, runtime: runtime.name, ...(service && { service }) });
  const resumed = await prepareResumedRun(undefined, folder, {}, contextWith());
  assert.ok(resumed.runtime instanceof SimulatedRuntime);
  assert.deepEqual([resumed.runtime.service, resumed.experiment], [other, experiment]);
  const older = createRunFolder(root, 'older', new Date(0));
  writeAsked(older, { experiment: experimentWith([waitOn('sync')]), runtime: 'simulated' });
  const { runtime: shipped } = await prepareResumedRun(undefined, older, {}, contextWith());
  assert.ok(shipped instanceof SimulatedRuntime);
  assert.deepEqual(shipped.service, measuredService);
});

test('the precision of a file holds for a simulation, in four blocks at least; where it is measured it is dropped', async () => {
  const file = fileWith('precision: 2%\nblocks: 2\n');
  const { experiment } = await prepareRun(file, { runtime: 'simulated' }, contextWith());
  assert.deepEqual([experiment.precision, experiment.blocks, experiment.budget], [0.02, 4, 60]);
  const { experiment: changed } = await prepareRun(file, { runtime: 'simulated', precision: '5%' }, contextWith());
  assert.deepEqual([changed.precision, changed.budget], [0.05, 86_400]);
  const said: string[] = [];
  const { experiment: measured, service } = await prepareRun(file, { runtime: 'local' }, contextWith(said));
  assert.deepEqual([measured.precision, measured.blocks, service], [undefined, 2, undefined]);
  assert.match(said.at(-1) ?? '', /precision of 2 %/);
});

test('a budget is a duration or a number of seconds; a precision a percentage, with its sign or without', () => {
  const experiment = experimentWith([waitOn('sync')]);
  const parsePrecision = (precision: string) =>
    withPrecision(experiment, { precision, runtime: 'simulated' }).precision;
  for (const budget of ['10m', '600s', '600', '10 min']) assert.equal(parseChanges({ budget }).budget, 600, budget);
  for (const budget of ['0.5', '25h', '10%', '-10m', '']) {
    assert.throws(() => parseChanges({ budget }), { code: 'usage' }, budget);
  }
  for (const precision of ['2%', '2', '2 %']) assert.equal(parsePrecision(precision), 0.02, precision);
  for (const precision of ['0.02', '51%', '2x', '2%%', '']) {
    assert.throws(() => parsePrecision(precision), { code: 'usage' }, precision);
  }
});

test('light trials alone measure nothing where every other trial is invalid', () => {
  const result = (purpose: Trial['purpose'], state: TrialResult['state']) =>
    ({ state, trial: trialAt(100, waitOn('hybrid'), { purpose }) }) as TrialResult;
  const light = [result('light', 'completed'), result('light', 'completed')];
  assert.equal(isNothingMeasured([...light, result('capacity', 'invalid'), result('capacity', 'failed')]), true);
  assert.equal(isNothingMeasured([...light, result('capacity', 'invalid'), result('capacity', 'completed')]), false);
  assert.equal(isNothingMeasured(light), false);
  assert.equal(isNothingMeasured([result('light', 'failed')]), true);
});

test('one command measures in a checkout and one writes a run; simulations run beside', async () => {
  {
    await using _measuring = await lockMeasuring(root, 'local');
    await using _simulating = await lockMeasuring(root, 'simulated');
    await assert.rejects(lockMeasuring(root, 'compose'), { code: 'measurement-running' });
  }
  await using _next = await lockMeasuring(root, 'local');
  await using _writing = await lockRun(root);
  await assert.rejects(lockRun(root), { code: 'run-in-use' });
});
