import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createRunFolder, readAskedRun, writeAsked } from '../run/run-folder.ts';

import { SimulatedRuntime } from '../runtimes/simulated/runtime.ts';
import { experimentOf, waitOn } from '../search/testdata/cells.ts';
import { measuredService } from '../simulation/service-model.ts';
import { newRun, resumedRun } from './asked-for.ts';
import type { CommandContext } from './context.ts';

let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'loadline-asked-'));
});
after(() => rmSync(root, { recursive: true }));

function contextOf(told: string[] = []): CommandContext {
  const { signal } = new AbortController();
  return { root, signal, say: line => void told.push(line), print: () => undefined };
}

/** An experiment file with these keys beside what it must have. */
function fileWith(keys: string): string {
  const file = join(root, 'asked.yaml');
  writeFileSync(file, `name: asked\nbudget: 60\ndeployments: [sync]\nworkloads: [wait]\n${keys}`);
  return file;
}

const other = { ...measuredService, source: 'another machine' };

test('a simulated run that was killed before its first trial goes on with the service that it was asked for', async () => {
  const folder = createRunFolder(root, 'killed', new Date(0));
  const { experiment, runtime, service } = await newRun(
    fileWith(''),
    { runtime: 'simulated', cpus: '2', service: other },
    contextOf(),
  );
  writeAsked(folder, { experiment, runtime: runtime.name, ...(service && { service }) });
  const resumed = await resumedRun(undefined, folder, {}, contextOf());
  assert.ok(resumed.runtime instanceof SimulatedRuntime);
  assert.deepEqual(resumed.runtime.service, other);
  assert.deepEqual(resumed.experiment, experiment);
});

test('a run that was asked for by an older Loadline, without its service, is simulated with the shipped one', async () => {
  const folder = createRunFolder(root, 'older', new Date(0));
  writeAsked(folder, { experiment: experimentOf([waitOn('sync')]), runtime: 'simulated' });
  assert.equal(readAskedRun(folder).service, undefined);
  const { runtime } = await resumedRun(undefined, folder, {}, contextOf());
  assert.ok(runtime instanceof SimulatedRuntime);
  assert.deepEqual(runtime.service, measuredService);
});

test('the precision of a file holds for a simulation, in four blocks at least and in the budget of the file', async () => {
  const file = fileWith('precision: 2%\nblocks: 2\n');
  const { experiment } = await newRun(file, { runtime: 'simulated' }, contextOf());
  assert.deepEqual([experiment.precision, experiment.blocks, experiment.budget], [0.02, 4, 60]);
  const { experiment: changed } = await newRun(file, { runtime: 'simulated', precision: '5%' }, contextOf());
  assert.deepEqual([changed.precision, changed.budget], [0.05, 86_400]);
});

test('where something is measured the precision of a file is left out, and that is said', async () => {
  const told: string[] = [];
  const { experiment, service } = await newRun(
    fileWith('precision: 2%\nblocks: 2\n'),
    { runtime: 'local' },
    contextOf(told),
  );
  assert.deepEqual([experiment.precision, experiment.blocks, service], [undefined, 2, undefined]);
  assert.equal(told.at(-1), 'The precision of 2 % in asked is for what is simulated: here it is measured in 2 blocks.');
});
