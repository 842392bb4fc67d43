import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scoreFigure, summarizeErrors } from '../plan/score.ts';
import { scoreText } from './score-text.ts';

const around = (estimate: number, factor: number) => ({ estimate, low: estimate / factor, high: estimate * factor });

test('a score tells what the model knew, each figure beside what was measured, and what the errors come to', () => {
  const figures = [
    scoreFigure('wait on sync-4x1-4', 'capacity', around(176, 1.06), around(170, 1.08)),
    scoreFigure('wait on sync-4x1-4', 'p99', around(0.06, 1.1), around(0.09, 1.2), 120),
  ];
  const text = scoreText({
    figures,
    summary: {
      by: 'held out',
      figures: summarizeErrors(figures),
      fittedTo: ['wait on sync-2x1-2'],
      predicted: ['wait on sync-4x1-4'],
    },
    questions: [
      {
        ...{ workload: 'wait', arrivalRate: 120, sizes: ['sync-2x1-2', 'sync-4x1-4'] },
        ...{ predicted: 'sync-4x1-4', measured: 'sync-4x1-4', right: true },
      },
    ],
  });
  assert.equal(
    text,
    `The model was fitted to wait on sync-2x1-2, and held against 1 that it had not seen.

cell                      figure         predicted          measured    error  beyond
─────────────────────────────────────────────────────────────────────────────────────
wait on sync-4x1-4      capacity  176/s [166, 187]  170/s [157, 184]   +3.5 %   0.0 %
wait on sync-4x1-4  p99 at 120/s  60 ms [54.5, 66]   90 ms [75, 108]  −33.3 %  22.1 %

Errors, and what of them lies beyond both 95 % intervals together:
  capacity: median 3.5 %, most 3.5 %; beyond the intervals median 0.0 %, most 0.0 % (1 prediction)
  p99: median 33.3 %, most 33.3 %; beyond the intervals median 22.1 %, most 22.1 % (1 prediction)

How many workers? Asked at loads outside of the capacities' intervals: 1 of 1 right.
workload  arrivals  smallest that carries it, predicted    measured
──────────────────────────────────────────────────────────────────────────
wait         120/s                           sync-4x1-4  sync-4x1-4  right`,
  );
});
