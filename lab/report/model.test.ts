import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesOf } from './files.ts';
import { modelOf } from './model.ts';
import { reportOf } from './report.ts';
import { calmRun } from './testdata/runs.ts';

const calm = calmRun();

test('the model is made from the trials alone, and a file gives it back as it is', () => {
  const model = modelOf(reportOf(calm));
  assert.ok(model.state === 'fitted');
  assert.deepEqual(modelOf(reportOf(calmRun())), model);
  assert.deepEqual(JSON.parse(JSON.stringify(model.fitted)), model.fitted);
  assert.deepEqual(model.fitted.measured.cells.toSorted(), ['wait on async-1x1-40', 'wait on sync-2x1-2']);
  assert.equal(model.score, undefined);
});

test('a run in which nothing was completed has no model, and says why', () => {
  const report = reportOf({ ...calm, results: [] });
  const model = modelOf(report);
  assert.deepEqual(model, {
    state: 'none',
    reason: 'no trial of a capacity or a load was completed, so there is nothing to fit it to',
  });
  assert.deepEqual(Object.keys(filesOf(report, model)), ['comparison.json', 'summary.md', 'report.html']);
});

test('a run that holds out a cell has the score of a model that did not see it', () => {
  const experiment = { ...calm.experiment, heldOut: ['wait on sync-2x1-2'] };
  const model = modelOf(reportOf({ ...calm, experiment }));
  assert.ok(model.state === 'fitted');
  assert.deepEqual(model.fitted.score, model.score?.summary);
  assert.deepEqual(model.score?.summary.fittedTo, ['wait on async-1x1-40']);
  // Its model has seen no blocking worker, and says nothing of one.
  assert.deepEqual(model.score?.summary.predicted, []);
  assert.equal(model.fitted.measured.cells.length, 2);
});
