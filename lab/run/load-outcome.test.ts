import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyHistogram, record } from '../../model/histogram.ts';
import type { SourceOutcome } from '../../model/wire.ts';
import { mergeOutcomes } from './generator.ts';

test('counts, errors and times of the sources are added up', () => {
  const all = mergeOutcomes([
    outcomeOf({ sent: 10, scored: 8, neverSent: 1, succeeded: 2, duration: 4, meanInProgress: 0.5 }),
    outcomeOf({ sent: 5, scored: 4, neverAnswered: 2, succeeded: 3, duration: 5, meanInProgress: 0.6 }),
  ]);
  assert.equal(all.sent, 15);
  assert.equal(all.scored, 12);
  assert.equal(all.neverSent, 1);
  assert.equal(all.neverAnswered, 2);
  assert.deepEqual(all.errors, {
    timeout: 2,
    connection: 0,
    'status-4xx': 0,
    'status-503': 4,
    'status-504': 0,
    'status-5xx': 0,
  });
  assert.equal(all.succeeded, 5);
  assert.equal(all.duration, 5);
  assert.equal(all.meanInProgress, 1);
  assert.equal(all.responseTime.count, 2);
});

test('requests in progress are added up at equal times, and a source that has ended has none', () => {
  const { inProgress } = mergeOutcomes([
    outcomeOf({ inProgress: [0.001, 0.051, 0.101].map(time => ({ time, requests: 4 })) }),
    outcomeOf({
      inProgress: [
        { time: 0, requests: 0 },
        { time: 0.2, requests: 8 },
        { time: 0.22, requests: 0 },
      ],
    }),
  ]);
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

test('a load is stopped when one of its sources was, and by silence when one of them heard no more', () => {
  const cause = (...outcomes: Partial<SourceOutcome>[]) => mergeOutcomes(outcomes.map(outcomeOf)).stoppedBy;
  assert.equal(cause({}, {}), undefined);
  assert.equal(cause({}, { stoppedBy: 'order' }), 'order');
  assert.equal(cause({ stoppedBy: 'order' }, { stoppedBy: 'silence' }), 'silence');
});

test('rates are those of the sources together, each over its own steady state', () => {
  const { offeredLoad, throughput } = mergeOutcomes([
    outcomeOf({ steadyState: 2, scored: 200, completedInSteadyState: 100 }),
    outcomeOf({ steadyState: 1, scored: 100, completedInSteadyState: 50 }),
  ]);
  assert.deepEqual([offeredLoad, throughput], [200, 100]);
});

function outcomeOf(chosen: Partial<SourceOutcome>): SourceOutcome {
  const responseTime = emptyHistogram(0.25);
  record(responseTime, 0.1);
  return {
    source: 1,
    scored: 0,
    neverSent: 0,
    outOfConnections: 0,
    timeInProgress: 0,
    neverAnswered: 0,
    errors: { timeout: 1, connection: 0, 'status-4xx': 0, 'status-503': 2, 'status-504': 0, 'status-5xx': 0 },
    steadyState: 10,
    completedInSteadyState: 0,
    responseTime,
    responseTimeFromSend: emptyHistogram(0.25),
    scheduleLag: emptyHistogram(0.25),
    inProgress: [],
    sent: 0,
    succeeded: 0,
    meanInProgress: 0,
    duration: 0,
    ...chosen,
  };
}
