import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import { fitRunModel } from './model.ts';
import { type PredictedCell, predictCells } from './predictions.ts';
import { buildReport, type Report } from './report.ts';
import { simulatedRun } from './testdata/simulated-run.ts';

const text = 'name: two\nbudget: 200\ndeployments: [sync, threads]\nworkloads: [wait]\n';
const run = simulatedRun(text);
const report = buildReport(run);
const model = fitRunModel(report);

function predicted(of: Report = report): [label: string, PredictedCell][] {
  const predictions = predictCells(of, model);
  assert.ok(predictions);
  return [...predictions.cells].map(([{ label }, cell]) => [label, cell]);
}

const cells = predicted();

test('capacities of a run whose truth the model can describe are found again within a tenth', () => {
  assert.deepEqual(
    cells.map(([label]) => label),
    ['sync', 'threads'],
  );
  for (const [label, { capacity }] of cells) {
    const measured = report.comparison.cells.find(({ deployment }) => deployment.topology === label)?.capacity;
    assert.ok(measured?.state === 'bracketed', label);
    assert.ok(Math.abs(capacity.estimate / measured.estimate - 1) < 0.1, `${capacity.estimate}, ${measured.estimate}`);
    assert.ok(capacity.low < capacity.estimate && capacity.estimate < capacity.high);
  }
});

test('a curve begins at the lowest measured load, ends just below saturation, and goes up there', () => {
  for (const [label, { curve, saturation, bottleneck }] of cells) {
    const loads = curve.map(({ arrivalRate }) => arrivalRate);
    assert.deepEqual(
      loads,
      loads.toSorted((a, b) => a - b),
    );
    const [first, last] = [curve[0], curve.at(-1)];
    const measured = report.workloads[0]?.cells.find(cell => cell.label === label)?.curve[0]?.arrivalRate ?? Number.NaN;
    assert.ok(first && last);
    assert.ok(Math.abs(first.arrivalRate / measured - 1) < 1e-9, label);
    assert.ok(last.arrivalRate > 0.99 * saturation && last.arrivalRate < saturation, label);
    assert.ok(last.utilisation[bottleneck] > 0.97 && last.utilisation[bottleneck] < 1, label);
    assert.ok(last.atObjective > 4 * first.atObjective, label);
    for (const { p50, atObjective } of curve) assert.ok(p50 <= atObjective, label);
  }
});

test('what is scored lies near 70 % of the measured capacity, and is predicted within a third', () => {
  for (const [label, { scored }] of cells) {
    assert.ok(scored, label);
    const off = scored.predicted.atObjective / scored.measured - 1;
    assert.ok(Math.abs(off) < 1 / 3, `${label}: ${off}`);
  }
});

test('an app of which nothing was measured is not predicted', () => {
  const experiment = { ...run.experiment, cells: [...run.experiment.cells, ...asyncCells()] };
  const other = buildReport({ ...run, experiment });
  const predictions = predictCells(other, model);
  assert.deepEqual(
    [...(predictions?.cells.keys() ?? [])].map(({ deployment }) => deployment.topology),
    ['sync', 'threads'],
  );
});

function asyncCells() {
  return run.experiment.cells.slice(0, 1).map(({ workload }) => {
    const deployment = deploymentOf('async', 1);
    return { deployment, workload };
  });
}

test('of many cells capacities come from formulas, with intervals too', () => {
  const [one] = report.workloads;
  assert.ok(one);
  const workloads = Array.from({ length: 13 }, () => ({ ...one, cells: one.cells.map(cell => ({ ...cell })) }));
  const predictions = predictCells({ ...report, workloads }, model);
  assert.equal(predictions?.by, 'formulas');
  for (const { capacity, simulated } of predictions?.cells.values() ?? []) {
    assert.ok(capacity.low < capacity.estimate && capacity.estimate < capacity.high);
    assert.equal(simulated, undefined);
  }
});
