import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scores } from './scores.ts';

const scoring = { source: 1, warmUp: 1, steadyState: 10, timeLimit: 5, objective: 0.25 };

test('only arrivals whose intended send lies in the steady state are scored', () => {
  const scores = new Scores(scoring);
  for (const intended of [0.999, 1, 10.999, 11]) scores.ended(scores.sent(intended, intended), intended + 0.1);
  const outcome = scores.outcome(12);
  assert.equal(outcome.sent, 4);
  assert.equal(outcome.scored, 2);
  assert.equal(outcome.responseTime.count, 2);
});

test('response time counts from the intended send, and is schedule lag and time from the real send together', () => {
  const scores = new Scores(scoring);
  scores.ended(scores.sent(2, 2.5), 3.25);
  const outcome = scores.outcome(4);
  assert.equal(outcome.responseTime.sum, 1.25);
  assert.equal(outcome.scheduleLag.sum, 0.5);
  assert.equal(outcome.responseTimeFromSend.sum, 0.75);
});

test('what an answer took beside its connection is schedule lag, since no service made it', () => {
  const scores = new Scores(scoring);
  scores.ended(scores.sent(2, 2.5), 3.25, undefined, 0.5);
  const outcome = scores.outcome(4);
  assert.equal(outcome.responseTime.sum, 1.25);
  assert.equal(outcome.responseTimeFromSend.sum, 0.5);
  assert.equal(outcome.scheduleLag.sum, 0.75);
});

test('a request is over the objective as soon as it waits for longer, and is counted once', () => {
  const scores = new Scores(scoring);
  const slow = scores.sent(2, 2);
  const quick = scores.sent(2.125, 2.125);
  assert.equal(scores.report(2.25).overObjective, 0);
  assert.equal(scores.report(2.2501).overObjective, 1);
  scores.ended(quick, 2.3);
  scores.ended(slow, 2.4);
  assert.equal(scores.report(3).overObjective, 1);
});

test('an answer at the objective is within it, a later one and a failure are not', () => {
  const scores = new Scores(scoring);
  scores.ended(scores.sent(2, 2), 2.25);
  assert.equal(scores.report(2.25).overObjective, 0);
  scores.ended(scores.sent(2, 2), 2.26);
  assert.equal(scores.report(2.26).overObjective, 1);
  scores.ended(scores.sent(3, 3), 3.01, 'status-503');
  assert.deepEqual(scores.report(4), {
    source: 1,
    time: 4,
    sent: 3,
    completed: 3,
    inProgress: 0,
    overObjective: 2,
    failed: 1,
  });
});

test('what got no answer counts as the time limit', () => {
  const scores = new Scores(scoring);
  scores.ended(scores.sent(2, 2), 7.01, 'timeout');
  scores.ended(scores.sent(3, 3), 3.001, 'connection');
  const outcome = scores.outcome(8);
  assert.equal(outcome.responseTime.sum, 10);
  assert.equal(outcome.neverAnswered, 1);
  assert.deepEqual(outcome.errors, {
    timeout: 1,
    connection: 1,
    'status-4xx': 0,
    'status-503': 0,
    'status-504': 0,
    'status-5xx': 0,
  });
});

test('an arrival that was never sent is counted over the whole load, and scored in the steady state', () => {
  const scores = new Scores(scoring);
  scores.neverSent(0.5);
  scores.neverSent(2);
  const outcome = scores.outcome(12);
  assert.equal(outcome.scored, 1);
  assert.equal(outcome.neverSent, 2);
  assert.equal(outcome.outOfConnections, 0);
  assert.equal(outcome.sent, 0);
  assert.equal(outcome.responseTime.count, 0);
});

test('a request that found no connection was never sent, in the warm-up as well', () => {
  const scores = new Scores(scoring);
  scores.notSent(scores.sent(0.5, 0.5), 0.51);
  scores.notSent(scores.sent(2, 2), 2.01);
  const outcome = scores.outcome(12);
  assert.equal(outcome.neverSent, 2);
  assert.equal(outcome.outOfConnections, 2);
  assert.equal(outcome.sent, 0);
  assert.equal(outcome.responseTime.count, 0);
  assert.equal(scores.report(12).overObjective, 1);
});

test('successes that arrive in the steady state are completed in it, whenever they were sent', () => {
  const scores = new Scores(scoring);
  scores.ended(scores.sent(0.9, 0.9), 1);
  scores.ended(scores.sent(10.9, 10.9), 11);
  scores.ended(scores.sent(5, 5), 5.1, 'status-5xx');
  const outcome = scores.outcome(12);
  assert.equal(outcome.completedInSteadyState, 1);
  assert.equal(outcome.succeeded, 2);
  assert.equal(outcome.stoppedBy, undefined);
});

test('the mean of the requests in progress is weighted by time', () => {
  const scores = new Scores(scoring);
  const first = scores.sent(2, 2);
  const second = scores.sent(3, 3);
  scores.ended(first, 4);
  scores.ended(second, 6);
  const outcome = scores.outcome(10);
  assert.equal(outcome.duration, 8);
  assert.deepEqual([outcome.meanInProgress, outcome.timeInProgress], [5 / 8, 5]);
});

test('when a load is stopped its steady state ends: later answers belong to the drain', () => {
  const scores = new Scores(scoring);
  const [before, after] = [scores.sent(2, 2), scores.sent(2, 2)];
  scores.ended(before, 3);
  scores.stopped(3.5);
  scores.ended(after, 4);
  const outcome = scores.outcome(4, 'order');
  assert.equal(outcome.steadyState, 2.5);
  assert.equal(outcome.stoppedBy, 'order');
  assert.equal(outcome.completedInSteadyState, 1);
  assert.equal(outcome.responseTime.count, 2, 'both are scored');
});
