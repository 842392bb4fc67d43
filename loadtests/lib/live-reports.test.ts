import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveReports } from './live-reports.ts';
import { LiveTally } from './live-tally.ts';

const origin = { source: 1, started: 1_795_771_234.5 };

test('a report that was not answered is told again as it was, and what is new comes in the next', () => {
  const reports = new LiveReports(origin);
  const tally = new LiveTally('hybrid', 0.25, () => 7);
  tally.sent(1, 1, 100);
  const first = structuredClone(reports.next(1, 3, [tally]));
  assert.deepEqual([first.number, first.time, first.obeys, first.targets[0]?.dots], [1, 1, 3, [[7, 100]]]);

  tally.sent(1.25, 1.25, 101);
  assert.deepEqual(reports.next(1.5, 4, [tally]), first);
  assert.deepEqual(reports.next(1.75, 4, [tally]), first);
  reports.answered();
  const second = reports.next(2, 4, [tally]);
  assert.deepEqual([second.number, second.time, second.obeys, second.targets[0]?.dots], [2, 2, 4, [[7, 101]]]);
});

test('a report adds up its targets', () => {
  const reports = new LiveReports(origin);
  const [one, other] = ['sync', 'hybrid'].map(name => new LiveTally(name, 0.25, () => 1)) as [LiveTally, LiveTally];
  one.ended(one.sent(1, 1), { fromSend: 0.5 }, 1.5, 100, 5);
  one.sent(1, 1);
  other.ended(other.sent(1, 1), { fromSend: 0.125, error: 'status-503' }, 1.125, 100, 5);
  const { targets, ...sums } = reports.next(2, 1, [one, other]);
  assert.deepEqual(sums, {
    ...origin,
    number: 1,
    time: 2,
    obeys: 1,
    sent: 3,
    completed: 2,
    inProgress: 1,
    failed: 1,
    overObjective: 3,
  });
  assert.deepEqual(
    targets.map(({ name, sent }) => [name, sent]),
    [
      ['sync', 2],
      ['hybrid', 1],
    ],
  );
});
