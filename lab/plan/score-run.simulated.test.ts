import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulatedRun } from '../report/testdata/simulated-run.ts';
import { fitModel } from './fit-model.ts';
import { scoreOf } from './score-run.ts';

const QUICK = { times: 4000, capacity: 10_000 };

/** A simulated machine, whose service is the one that is believed before anything is seen. */
const run = simulatedRun(
  `
name: held
budget: 20m
deployments:
  - { name: processes, topology: sync, processes: [1, 2, 4] }
  - { name: loops, topology: hybrid, processes: 2, databaseConnections: [8, 24] }
workloads:
  - name: wait
    requests: [{ route: wait, parameters: { ms: 20 } }]
    heldOut: [sync-1x1-1, sync-4x1-4, hybrid-2x1-8]
loads: [{ users: 20, thinkTime: 100ms }]
partsOfCapacity: [0.7]
`,
  [],
);

test('cells that are held out are predicted by a model that has not seen them, and nearly as they were measured', () => {
  const { summary, figures, questions } = scoreOf(run, QUICK);
  assert.equal(summary.by, 'held out');
  assert.deepEqual(summary.predicted, ['wait on sync-1x1-1', 'wait on sync-4x1-4', 'wait on hybrid-2x1-8']);
  assert.ok(!summary.fittedTo.some(name => summary.predicted.includes(name)));
  for (const figure of ['capacity', 'p99', 'throughput of users'] as const) {
    const own = figures.filter(one => one.figure === figure);
    assert.equal(own.length, 3, figure);
    for (const { cell, error, beyond } of own) {
      assert.ok(Math.abs(error) < (figure === 'p99' ? 0.35 : 0.1), `${figure} of ${cell}: ${error}`);
      assert.ok(beyond < 0.03, `${figure} of ${cell}: ${beyond}`);
    }
  }
  // Between 1, 2 and 4 processes, and between 8 and 24 connections.
  assert.equal(questions.length, 3);
  assert.ok(questions.every(({ right }) => right));
});

test('where no cell is held out each is predicted by a model that was fitted to all others', () => {
  const { heldOut: _, ...experiment } = run.experiment;
  const cells = experiment.cells.slice(0, 2);
  const { summary, questions } = scoreOf({ ...run, experiment: { ...experiment, cells } }, QUICK);
  assert.equal(summary.by, 'one by one');
  assert.equal(summary.predicted.length, 2);
  assert.deepEqual(questions, []);
});

test('what a model was fitted to nothing like of is not predicted', () => {
  const heldOut = run.experiment.cells
    .filter(({ deployment }) => deployment.topology === 'hybrid')
    .map(({ deployment }) => `wait on hybrid-2x1-${deployment.databaseConnections}`);
  assert.equal(heldOut.length, 2);
  assert.deepEqual(scoreOf({ ...run, experiment: { ...run.experiment, heldOut } }, QUICK).figures, []);
});

test('the same run gives the same model, with replicates around it and what it rests on', () => {
  const model = fitModel(run);
  assert.deepEqual(fitModel(run), model);
  assert.equal(model.replicates.length, 10);
  assert.deepEqual(model.measured.apps.toSorted(), ['blocking-express', 'fastify']);
  assert.ok(model.measured.assumed.includes('what a read costs beside a wait'));
  assert.ok(!model.measured.assumed.includes('what a wait takes beyond what is asked'));
});
