import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyHistogram } from '../../../model/histogram.ts';
import { histogramOf, liveReport, targetReport } from '../generator/testdata/live-reports.ts';
import { TargetChanges } from './target-changes.ts';

test('each report tells what happened since the one before, over the time that lies between them', () => {
  const changes = new TargetChanges();
  const first = liveReport({
    number: 1,
    time: 0.25,
    targets: [targetReport({ sent: 10, completed: 4, failed: 1, inProgress: 6 })],
  });
  const responseTime = histogramOf(0.02, 0.04);
  const [, second] = [
    changes.in(first),
    changes.in(
      liveReport({
        number: 2,
        time: 1,
        targets: [targetReport({ sent: 40, completed: 30, failed: 2, inProgress: 10, responseTime })],
      }),
    ),
  ];
  assert.deepEqual(second, [
    { target: 'hybrid', duration: 0.75, sent: 30, completed: 26, failed: 1, responseTime, inProgress: 10 },
  ]);
});

test('the first report of a generator tells of all since its start', () => {
  const [change] = new TargetChanges().in(
    liveReport({ number: 1, time: 0.25, targets: [targetReport({ sent: 10, completed: 4 })] }),
  );
  assert.deepEqual([change?.duration, change?.sent, change?.completed], [0.25, 10, 4]);
});

test('the first report that is heard of a generator that runs already tells of nothing', () => {
  const changes = new TargetChanges();
  assert.deepEqual(
    changes.in(liveReport({ number: 500, time: 125, targets: [targetReport({ sent: 9000, completed: 8990 })] })),
    [],
  );
  const [change] = changes.in(
    liveReport({ number: 501, time: 125.25, targets: [targetReport({ sent: 9012, completed: 9001 })] }),
  );
  assert.deepEqual([change?.duration, change?.sent, change?.completed], [0.25, 12, 11]);
});

test('a generator that was started anew counts from nothing', () => {
  const changes = new TargetChanges();
  changes.in(liveReport({ number: 1, time: 0.25, targets: [targetReport({ sent: 10 })] }));
  const [change] = changes.in(
    liveReport({ number: 1, started: 1010, time: 0.5, targets: [targetReport({ sent: 3 })] }),
  );
  assert.deepEqual([change?.duration, change?.sent], [0.5, 3]);
});

test('times with another objective cannot be added to the others, and are left out', () => {
  const responseTime = { ...histogramOf(0.02), objective: 0.5 };
  const [change] = new TargetChanges().in(liveReport({ number: 1, targets: [targetReport({ responseTime })] }));
  assert.deepEqual(change?.responseTime, emptyHistogram(0.25));
});
