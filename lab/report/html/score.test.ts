import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderToString } from 'preact-render-to-string';
import type { RunScore } from '../../plan/score.ts';
import { modelOf } from '../model.ts';
import { predictionsOf } from '../predictions.ts';
import { reportOf } from '../report.ts';
import { calmRun } from '../testdata/runs.ts';
import { ScoreSection } from './score.ts';

const report = reportOf(calmRun());
const predictions = predictionsOf(report, modelOf(report));

/** The section's text, its elements as spaces. */
function shown(score: RunScore | undefined): string {
  assert.ok(predictions);
  return renderToString(ScoreSection({ report, predictions, score }))
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
}

const score: RunScore = {
  summary: {
    by: 'held out',
    figures: [
      {
        ...{ figure: 'capacity', predictions: 1 },
        plain: { median: 0.08, most: 0.08 },
        beyond: { median: 0.013, most: 0.013 },
      },
    ],
    fittedTo: ['wait on async-1x1-40'],
    predicted: ['wait on sync-2x1-2', 'wait on sync-4x1-4'],
  },
  figures: [
    {
      ...{ cell: 'wait on sync-2x1-2', figure: 'capacity', error: 0.08, beyond: 0.013 },
      predicted: { estimate: 90.1, low: 86, high: 94.4 },
      measured: { estimate: 83.4, low: 80, high: 87 },
    },
    {
      ...{ cell: 'wait on sync-4x1-4', figure: 'p99', arrivalRate: 119, error: -0.124, beyond: 0 },
      predicted: { estimate: 0.0432, low: 0.04, high: 0.047 },
      measured: { estimate: 0.0493, low: 0.045, high: 0.054 },
    },
  ],
  questions: [
    {
      ...{ workload: 'wait', arrivalRate: 120, sizes: ['sync-2x1-2', 'sync-4x1-4'] },
      ...{ predicted: 'sync-4x1-4', measured: 'sync-4x1-4', right: true },
    },
  ],
};

test('what was held out is shown with its errors, plain and beyond the intervals, each figure in its unit', () => {
  const text = shown(score);
  assert.match(text, /Fitted to 1 cell alone, and held against 2 cells:/);
  assert.match(text, /capacity of 1: off by 8 % in the median and 8 % at most; beyond the combined 95 % interval/);
  assert.match(text, /as measured in 1 of 1 questions/);
  assert.match(text, /wait on sync-2x1-2 capacity \(1\/s\) 90\.1 86\.\.94\.4 83\.4 80\.\.87 \+8 % 1 %/);
  assert.match(text, /wait on sync-4x1-4 p99 at 119\/s \(ms\) 43\.2 40\.\.47 49\.3 45\.\.54 −12 % 0 %/);
});

test('of a simulated run the section says that nothing was measured', () => {
  const comparison = { ...report.comparison, runtime: 'simulated' };
  assert.ok(predictions);
  const props = { report: { ...report, comparison }, predictions, score: undefined };
  assert.match(renderToString(ScoreSection(props)), /<strong>Simulated:<\/strong> what is called measured here/);
  assert.doesNotMatch(shown(undefined), /Simulated/);
});

test('what the model was fitted to is called in-sample, and where nothing was held out that is said', () => {
  const text = shown(undefined);
  assert.match(
    text,
    /was fitted to \d+ trials of this run and is kept in model\.json \. Here it was held against no cell/,
  );
  assert.match(text, /In-sample: predicted and measured .* wait on sync-2x1-2 [\d.]+ [\d.]+ [+−]?\d+ % /);
  assert.doesNotMatch(text, /Held out:|undefined|NaN/);
});
