import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Load } from '../../model/experiment.ts';
import { nextBlock } from '../search/next-block.ts';
import { experimentOf, waitOn } from '../search/testdata/cells.ts';
import { simulate } from '../search/testdata/simulated-service.ts';
import { measuredLoadsOf } from './measured-loads.ts';

const waiting = { serviceTime: 0.021, cpuPerRequest: 0.0005, cpus: 2 };
const loads: Load[] = [
  { model: 'open', arrivalRate: 50 },
  { model: 'open', arrivalRate: 400 },
];

test('a load that the experiment names is measured on every cell, and told with what became of it', () => {
  const experiment = { ...experimentOf([waitOn('sync'), waitOn('threads')]), capacity: false, loads };
  const results = nextBlock(experiment, []).map(trial => simulate(trial, waiting, experiment));
  assert.deepEqual(nextBlock(experiment, results), []);
  const measured = measuredLoadsOf(results, experiment);
  assert.deepEqual(
    measured.map(({ deployment, load, met, trials }) => [
      deployment.topology,
      load.model === 'open' ? load.arrivalRate : 0,
      `${met} of ${trials}`,
    ]),
    [
      ['sync', 50, '1 of 1'],
      ['sync', 400, '0 of 1'],
      ['threads', 50, '1 of 1'],
      ['threads', 400, '0 of 1'],
    ],
  );
  const [calm] = measured;
  assert.ok(calm && Math.abs(calm.throughput - 50) < 10 && Math.abs(calm.p50 - 0.021) < 0.002, JSON.stringify(calm));
});

test('all of a burst is scored', () => {
  const burst = { model: 'burst', requests: 20 } as const;
  const [trial] = nextBlock({ ...experimentOf([waitOn('sync')]), capacity: false, loads: [burst] }, []);
  assert.equal(trial?.phases.warmUp, 0);
});

test('a trial that was not completed is no figure', () => {
  const experiment = { ...experimentOf([waitOn('sync')]), capacity: false, loads };
  const [trial] = nextBlock(experiment, []);
  assert.ok(trial);
  const error = { code: 'k6-failed', message: 'it ended' };
  assert.deepEqual(measuredLoadsOf([{ state: 'failed', trial, elapsed: 1, error }], experiment), []);
});
