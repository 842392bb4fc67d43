import assert from 'node:assert/strict';
import { test } from 'node:test';
import { around } from '../../model/statistics.ts';
import { simulatedRun } from '../report/testdata/simulated-run.ts';
import { fitModel } from './fit.ts';
import { scoreFigure, scoreRun, summarizeErrors } from './score.ts';

const QUICK = { times: 4000, capacity: 10_000 };
const near = (value: number, expected: number) => assert.ok(Math.abs(value - expected) < 1e-9, `${value}`);

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

test('held-out cells are predicted by a model that has not seen them, nearly as they were measured', () => {
  const { summary, figures, questions } = scoreRun(run, QUICK);
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

test('without held-out cells each is predicted by a model fitted to all others', () => {
  const { heldOut: _, ...experiment } = run.experiment;
  const cells = experiment.cells.slice(0, 2);
  const { summary, questions } = scoreRun({ ...run, experiment: { ...experiment, cells } }, QUICK);
  assert.equal(summary.by, 'one by one');
  assert.equal(summary.predicted.length, 2);
  assert.deepEqual(questions, []);
});

test('a cell that the model was fitted to nothing like of is not predicted', () => {
  const heldOut = ['wait on hybrid-2x1-8', 'wait on hybrid-2x1-24'];
  assert.deepEqual(scoreRun({ ...run, experiment: { ...run.experiment, heldOut } }, QUICK).figures, []);
});

test('the same run gives the same model, with replicates around it and what it rests on', () => {
  const model = fitModel(run);
  assert.deepEqual(fitModel(run), model);
  assert.equal(model.replicates.length, 10);
  assert.deepEqual(model.measured.apps.toSorted(), ['blocking-express', 'fastify']);
  assert.ok(model.measured.assumed.includes('the cost of a read'));
  assert.ok(!model.measured.assumed.includes('how much longer than asked a wait takes'));
});

test('an error keeps its sign, and what lies beyond the intervals is less than it', () => {
  const score = (predicted: number, measured: number, factor = 1) =>
    scoreFigure('a', 'capacity', around(predicted, factor), around(measured, 1));
  near(score(110, 100).error, 0.1);
  near(score(80, 100).error, -0.2);
  near(score(110, 100).beyond, 0.1);
  near(score(80, 100).beyond, 0.25);
  near(score(110, 100, 1.2).beyond, 0);
  // Widths add up as those of independent errors, each on the side on which the two could meet.
  const width = Math.hypot(Math.log(1.1), Math.log(1.2));
  near(scoreFigure('a', 'p99', around(150, 1.1), around(100, 1.2)).beyond, Math.expm1(Math.log(1.5) - width));
  const lopsided = { estimate: 150, low: 150, high: 1e6 };
  near(scoreFigure('a', 'p99', lopsided, around(100, 1)).beyond, 0.5);
  const [capacity] = summarizeErrors([-0.3, 0.1, 0.2].map(error => score(100 * (1 + error), 100)));
  near(capacity?.plain.median ?? 0, 0.2);
  near(capacity?.plain.most ?? 0, 0.3);
});
