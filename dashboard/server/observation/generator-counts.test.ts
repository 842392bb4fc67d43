import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { emptyHistogram } from '../../../model/histogram.ts';
import { histogramWith, liveReport, targetReport } from '../testdata/live-reports.ts';
import { GeneratorCounts } from './generator-counts.ts';

let counts: GeneratorCounts;
beforeEach(() => {
  counts = new GeneratorCounts();
});

/** Takes a report of one deployment; the interval that it ends. */
function take(report: Parameters<typeof liveReport>[0], target: Parameters<typeof targetReport>[0]) {
  return counts.take(liveReport({ ...report, targets: [targetReport(target)] }))[0];
}

function answer(times: number, endedAt: number): void {
  for (let answered = 0; answered < times; answered++) counts.answered('hybrid', endedAt);
}

test('each report ends an interval, the first one since the start of k6', () => {
  assert.deepEqual(counts.totals, { k6: {}, nginx: {} });
  const first = take({ number: 1, time: 0.25 }, { sent: 10, completed: 4, failed: 1 });
  assert.deepEqual([first?.duration, first?.sent, first?.completed], [0.25, 10, 4]);
  answer(4, 1000.2);
  const responseTime = histogramWith(0.02, 0.04);
  const target = { sent: 40, completed: 30, failed: 2, inProgress: 10, responseTime };
  assert.deepEqual(take({ number: 2, time: 1 }, target), {
    ...{ id: 'hybrid', duration: 0.75, sent: 30, completed: 26, failed: 1, responseTime, inProgress: 10 },
  });
  answer(26, 1000.9);
  assert.deepEqual(counts.totals, { k6: { hybrid: { sent: 40, completed: 30 } }, nginx: { hybrid: 30 } });
});

test('of a k6 that runs already, what it had in progress counts, with what it does from now on', () => {
  answer(9, 1500);
  assert.equal(take({ number: 2000, time: 500 }, { sent: 9000, completed: 8990 }), undefined);
  const next = take({ number: 2001, time: 500.25 }, { sent: 9030, completed: 9020 });
  assert.deepEqual([next?.duration, next?.sent, next?.completed], [0.25, 30, 30]);
  answer(30, 1500.3);
  assert.deepEqual(counts.totals, { k6: { hybrid: { sent: 40, completed: 30 } }, nginx: { hybrid: 30 } });
});

test('with a new k6 everything starts from zero', () => {
  take({ number: 1 }, { sent: 10, completed: 4 });
  answer(4, 1000.2);
  const first = take({ number: 1, started: 1010, time: 0.5 }, { sent: 3, completed: 1 });
  assert.deepEqual([first?.duration, first?.sent], [0.5, 3]);
  answer(3, 1009.9);
  answer(1, 1010.1);
  assert.deepEqual(counts.totals, { k6: { hybrid: { sent: 3, completed: 1 } }, nginx: { hybrid: 1 } });
});

test('times of another objective are left out', () => {
  const responseTime = { ...histogramWith(0.02), objective: 0.5 };
  assert.deepEqual(take({ number: 1 }, { responseTime })?.responseTime, emptyHistogram(0.25));
});
