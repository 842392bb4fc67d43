import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Load } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { nextBlock } from '../search/next-block.ts';
import { experimentWith, waitOn } from '../search/testdata/cells.ts';
import { search, simulate } from '../search/testdata/simulated-service.ts';
import { compareResults } from './comparison.ts';

const waiting = { serviceTime: 0.021, cpuPerRequest: 0.0005, cpus: 2 };
const surroundings = { runtime: 'simulated', environment: { node: 'v24' } };

test('a comparison has the figures of the load that is nearest to half of the capacity', () => {
  const experiment = experimentWith([waitOn('threads')]);
  const results = search(experiment, () => waiting);
  const comparison = compareResults({ experiment, results, ...surroundings });
  const [cell] = comparison.cells;
  assert.ok(cell?.capacity.state === 'bracketed' && cell.responseTime !== null);
  assert.ok(Math.abs(cell.responseTime.arrivalRate / cell.capacity.estimate - 0.5) < 0.05);
  // Half of the workers are idle: a request hardly waits.
  assert.ok(Math.abs(cell.responseTime.p50 - 0.021) < 0.0005);
  assert.deepEqual(cell.serviceDemand, { nginx: 0, workers: 0.0005, postgres: 0, k6: 0 });
  assert.equal(cell.bottleneck?.resource, 'workers');
  assert.deepEqual([cell.trials, cell.invalidTrials, cell.workers], [results.length, 0, 8]);
  assert.deepEqual(compareResults({ experiment, results: structuredClone(results), ...surroundings }), comparison);
});

test('a cell without results is unmeasured and has no figures', () => {
  const [cell] = compareResults({ experiment: experimentWith([waitOn('sync')]), results: [], ...surroundings }).cells;
  assert.equal(cell?.capacity.state, 'unmeasured');
  assert.deepEqual([cell?.bottleneck, cell?.responseTime, cell?.memory, cell?.trials], [null, null, null, 0]);
});

test('a run is called cut off if a trial is left and it does not note its end', () => {
  const experiment = experimentWith([waitOn('sync')]);
  const results = search(experiment, () => waiting);
  const isCutOff = (made: readonly TrialResult[], ended = false) =>
    compareResults({ experiment, results: made, ended, ...surroundings }).warnings[0]?.kind === 'cut-off';
  assert.deepEqual(
    [isCutOff(results.slice(0, 1)), isCutOff(results.slice(0, 1), true), isCutOff(results)],
    [true, false, false],
  );
});

const loads: Load[] = [
  { model: 'open', arrivalRate: 50 },
  { model: 'open', arrivalRate: 400 },
  { model: 'burst', requests: 20 },
];

test('a load that the experiment names is measured on every cell, all of a burst is scored, and failed trials count for none', () => {
  const experiment = { ...experimentWith([waitOn('sync'), waitOn('threads')]), capacity: false, loads };
  const error = { code: 'k6-failed', message: 'it ended' };
  const planned = nextBlock(experiment, []);
  const results = planned.map(
    (trial): TrialResult =>
      trial.load.model === 'open'
        ? simulate(trial, waiting, experiment)
        : { state: 'failed', trial, elapsed: 1, error },
  );
  const bursts = planned.filter(({ load }) => load.model === 'burst');
  assert.deepEqual(
    bursts.map(({ phases }) => phases.warmUp),
    [0, 0],
  );
  const measured = compareResults({ experiment, results, ...surroundings }).loads;
  assert.deepEqual(
    measured.map(({ deployment, load, met, trials }) => [deployment.topology, load, met, trials]),
    ['sync', 'threads'].flatMap(topology => [
      [topology, loads[0], 1, 1],
      [topology, loads[1], 0, 1],
    ]),
  );
  const [calm] = measured;
  assert.ok(calm && Math.abs(calm.throughput - 50) < 10 && Math.abs(calm.p50 - 0.021) < 0.002, JSON.stringify(calm));
});
