import assert from 'node:assert/strict';
import { test } from 'node:test';
import { liveReport, targetReport } from '../generator/testdata/live-reports.ts';
import { RequestTotals } from './request-totals.ts';

function answeredTimes(totals: RequestTotals, times: number, endedAt: number): void {
  for (let answer = 0; answer < times; answer++) totals.answered('hybrid', endedAt);
}

test('k6 and nginx are counted from the start of k6', () => {
  const totals = new RequestTotals();
  assert.deepEqual(totals.totals, { k6: {}, nginx: {} });
  totals.reported(liveReport({ number: 1, targets: [targetReport({ sent: 10, completed: 4 })] }));
  answeredTimes(totals, 4, 1000.2);
  totals.reported(
    liveReport({
      number: 2,
      targets: [targetReport({ sent: 25, completed: 24 }), targetReport({ name: 'sync', sent: 3 })],
    }),
  );
  answeredTimes(totals, 20, 1000.4);
  assert.deepEqual(totals.totals, {
    k6: { sync: { sent: 3, completed: 0 }, hybrid: { sent: 25, completed: 24 } },
    nginx: { hybrid: 24 },
  });
});

test('both begin anew when k6 is started anew; what ended before does not count', () => {
  const totals = new RequestTotals();
  totals.reported(liveReport({ number: 1, targets: [targetReport({ sent: 10, completed: 4 })] }));
  answeredTimes(totals, 4, 1000.2);
  totals.reported(liveReport({ number: 1, started: 1010, targets: [targetReport({ sent: 2, completed: 1 })] }));
  answeredTimes(totals, 3, 1009.9);
  answeredTimes(totals, 1, 1010.1);
  assert.deepEqual(totals.totals, { k6: { hybrid: { sent: 2, completed: 1 } }, nginx: { hybrid: 1 } });
});

test('of a k6 that runs already what it had in progress is counted, with what it does from now on, as of nginx', () => {
  const totals = new RequestTotals();
  answeredTimes(totals, 9, 1500);
  totals.reported(liveReport({ number: 2000, targets: [targetReport({ sent: 9000, completed: 8990 })] }));
  totals.reported(liveReport({ number: 2001, targets: [targetReport({ sent: 9030, completed: 9020 })] }));
  answeredTimes(totals, 30, 1500.3);
  assert.deepEqual(totals.totals, { k6: { hybrid: { sent: 40, completed: 30 } }, nginx: { hybrid: 30 } });
});
