import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meanOf } from '../model/histogram.ts';
import { splitIntoWaves } from './lib/summary.ts';
import { runScript, runToOutcome, startServer } from './testdata/run.ts';

test('a closed load sends as much as its users, their think time and the response time allow', async () => {
  await using server = await startServer({ delayMs: 20 });
  const [users, thinkTime, steadyState] = [20, 0.1, 3];
  const outcome = await runToOutcome('closed.ts', {
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
  const outcome = await runToOutcome('closed.ts', { TARGET: server.url, USERS: 8, THINK_TIME: 0, STEADY_STATE: 1 });
  assert.equal(Math.max(...outcome.inProgress.map(({ requests }) => requests)), 8);
  assert.ok(outcome.meanInProgress > 7 && outcome.meanInProgress <= 8, `mean ${outcome.meanInProgress}`);
});

test('a burst of five on a server of four slots is answered in a wave of four and a wave of one', async () => {
  await using server = await startServer({ delayMs: 200, slots: 4 });
  const { responses = [], scored } = await runToOutcome('burst.ts', { TARGET: server.url, BURST: 5 });
  assert.equal(scored, 5);
  assert.deepEqual(responses.map(({ request }) => request).toSorted(), [1, 2, 3, 4, 5]);
  assert.deepEqual(
    splitIntoWaves(responses).map(wave => wave.length),
    [4, 1],
  );
  const last = responses.at(-1)?.responseTime ?? 0;
  assert.ok(last > 0.4 && last < 0.5, `the last response came after ${last} s`);
});

test('a service that breaks the contract fails the smoke test, with its examples named', async () => {
  await using server = await startServer({ delayMs: 0 });
  const { output, exitCode } = await runScript('smoke.ts', { TARGET: server.url });
  assert.equal(exitCode, 110);
  assert.match(output, /^contract of http:.*: 0 of \d+ examples hold/);
  assert.match(output, /an unknown address is not found \(GET \/nothing\): status is 200, not 404/);
});

test('a service that is not there fails the smoke test', async () => {
  const { output, exitCode } = await runScript('smoke.ts', { TARGET: 'http://127.0.0.1:1' });
  assert.equal(exitCode, 110);
  assert.match(output, /plain answers at once \(GET \/plain\): no answer/);
});
