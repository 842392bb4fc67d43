import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meanOf } from '../model/histogram.ts';
import { outcomeOf, startServer } from './testdata/run.ts';

test('a closed load sends as much as its users, their think time and the response time allow', async () => {
  await using server = await startServer({ delayMs: 20 });
  const [users, thinkTime, steadyState] = [20, 0.1, 4];
  const outcome = await outcomeOf('closed.ts', {
    TARGET: server.url,
    USERS: users,
    THINK_TIME: thinkTime,
    STEADY_STATE: steadyState,
  });
  // The interactive response time law: X = N ÷ (R + Z).
  const throughput = users / (meanOf(outcome.responseTime) + thinkTime);
  const ratio = outcome.completedInSteadyState / (throughput * steadyState);
  assert.ok(ratio > 0.85 && ratio < 1.15, `the ratio to the law is ${ratio}`);
  assert.equal(outcome.responseTime.count, outcome.scored);
});

test('users who do not think keep exactly one request each in progress', async () => {
  await using server = await startServer({ delayMs: 20 });
  const outcome = await outcomeOf('closed.ts', { TARGET: server.url, USERS: 8, THINK_TIME: 0, STEADY_STATE: 1 });
  assert.equal(Math.max(...outcome.inProgress.map(({ requests }) => requests)), 8);
  assert.ok(outcome.meanInProgress > 7 && outcome.meanInProgress <= 8, `mean ${outcome.meanInProgress}`);
});
