import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyHistogram, record } from '../../model/histogram.ts';
import type { SourceOutcome, SourceReport } from '../../model/wire.ts';
import { mergeOutcomes, OrdersDesk } from './generator.ts';
import type { TrialProgress } from './runtime.ts';

function outcome(chosen: Partial<SourceOutcome>): SourceOutcome {
  const responseTime = emptyHistogram(0.25);
  record(responseTime, 0.1);
  return {
    ...{ source: 1, scored: 0, neverSent: 0, outOfConnections: 0, timeInProgress: 0, neverAnswered: 0 },
    errors: { timeout: 1, connection: 0, 'status-4xx': 0, 'status-503': 2, 'status-504': 0, 'status-5xx': 0 },
    ...{ steadyState: 10, completedInSteadyState: 0, responseTime, inProgress: [] },
    ...{ responseTimeFromSend: emptyHistogram(0.25), scheduleLag: emptyHistogram(0.25) },
    ...{ sent: 0, succeeded: 0, meanInProgress: 0, duration: 0 },
    ...chosen,
  };
}

test('counts, errors and times of the sources are added up, and rates over their own steady states', () => {
  const merged = mergeOutcomes([
    outcome({
      sent: 10,
      scored: 200,
      neverSent: 1,
      succeeded: 2,
      duration: 4,
      meanInProgress: 0.5,
      steadyState: 2,
      completedInSteadyState: 100,
    }),
    outcome({
      sent: 5,
      scored: 100,
      neverAnswered: 2,
      succeeded: 3,
      duration: 5,
      meanInProgress: 0.6,
      steadyState: 1,
      completedInSteadyState: 50,
    }),
  ]);
  const { sent, scored, neverSent, neverAnswered, succeeded, duration, meanInProgress, offeredLoad, throughput } =
    merged;
  assert.deepEqual([sent, scored, neverSent, neverAnswered, succeeded], [15, 300, 1, 2, 5]);
  assert.deepEqual([duration, meanInProgress, offeredLoad, throughput], [5, 1, 200, 100]);
  assert.deepEqual([merged.errors.timeout, merged.errors['status-503'], merged.responseTime.count], [2, 4, 2]);
});

test('requests in progress are added up at equal times, and a source that has ended has none', () => {
  const series = [
    [0.001, 0.051, 0.101].map(time => ({ time, requests: 4 })),
    [
      [0, 0],
      [0.2, 8],
      [0.22, 0],
    ].map(([time = 0, requests = 0]) => ({ time, requests })),
  ];
  const { inProgress } = mergeOutcomes(series.map(inProgress => outcome({ inProgress })));
  assert.deepEqual(
    inProgress.map(({ time, requests }) => [Number(time.toFixed(3)), Number(requests.toFixed(3))]),
    [
      [0, 4],
      [0.05, 6],
      [0.1, 8],
      [0.15, 6],
      [0.2, 8],
      [0.25, 0],
    ],
  );
});

test('a load is stopped if one of its sources was, and by silence if one of them heard no more', () => {
  const cause = (...outcomes: Partial<SourceOutcome>[]) => mergeOutcomes(outcomes.map(outcome)).stoppedBy;
  assert.equal(cause({}, {}), undefined);
  assert.equal(cause({}, { stoppedBy: 'order' }), 'order');
  assert.equal(cause({ stoppedBy: 'order' }, { stoppedBy: 'silence' }), 'silence');
});

const report = (source: number, sent: number): SourceReport => ({
  ...{ source, time: source, sent, completed: sent, inProgress: 1, overObjective: 0, failed: 2 },
});

test('the last reports of all sources are added up for the listener, and each source gets the orders', () => {
  const heard: TrialProgress[] = [];
  const desk = new OrdersDesk(2, {
    onReport: progress => {
      heard.push(progress);
      return progress.sent < 12 ? 'go-on' : 'stop';
    },
  });
  assert.deepEqual([desk.take(report(1, 3)), desk.take(report(2, 4))], [{ stop: false }, { stop: false }]);
  assert.deepEqual(heard.at(-1), { time: 2, sent: 7, inProgress: 2, overObjective: 0, failed: 4 });
  assert.deepEqual(desk.take(report(1, 8)), { stop: true });
  assert.deepEqual(desk.take(report(2, 0)), { stop: true }, 'a stop is not taken back');
});

test('an error of the listener fails the load, and so does a broken connection', async () => {
  const listener = () => {
    throw new RangeError('thrown by the listener');
  };
  const desk = new OrdersDesk(1, { onReport: listener });
  assert.throws(() => desk.take(report(1, 3)), RangeError);
  await assert.rejects(desk.handedOver, RangeError);
  const broken = new OrdersDesk(1, { onReport: () => 'go-on' });
  broken.fail(new TypeError('broken'));
  await assert.rejects(broken.handedOver, TypeError);
});
