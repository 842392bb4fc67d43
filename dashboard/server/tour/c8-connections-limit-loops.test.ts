import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf } from './c8-connections-limit-loops.ts';
import { around, reading, valuesOf } from './testdata/readings.ts';

const HOLD = 0.02;
const carried = (connections: number, throughput: number, machine = 0.6) => ({
  connections,
  reading: reading({ topology: 'hybrid', throughputs: around(throughput, 0.001), machine }),
});

test('throughputs of connections ÷ hold time are what the claim says', () => {
  const outcome = outcomeOf(HOLD, carried(40, 1980), carried(10, 502));
  assert.equal(outcome.answer, 1);
  assert.equal(
    outcome.sentence,
    'A connection is held for 20 ms. 40 connections carry 1,980/s, 0.99 of 40 ÷ hold time; 10 connections carry 502/s, ' +
      '1 of 10 ÷ hold time.',
  );
  assert.deepEqual(valuesOf(outcome), {
    'a connection is held for/hybrid': 0.02,
    'throughput with many connections/hybrid': 1980,
    'many connections ÷ hold time/hybrid': 2000,
    'throughput with few connections/hybrid': 502,
    'few connections ÷ hold time/hybrid': 500,
  });
});

test('where the CPUs give out first with many connections, it is said', () => {
  const outcome = outcomeOf(HOLD, carried(40, 1500, 0.98), carried(10, 495));
  assert.equal(outcome.answer, 1);
  assert.match(
    outcome.sentence,
    /40 connections carry 1,500\/s, 0\.75 of 40 ÷ hold time \(the CPUs gave out first: 98 % busy\)/,
  );
  assert.doesNotMatch(outcome.sentence, /not shown/);
});

test('a throughput that does not fall bears out the first guess, and the claim is not shown', () => {
  const outcome = outcomeOf(HOLD, carried(40, 900), carried(10, 890));
  assert.equal(outcome.answer, 0);
  assert.match(
    outcome.sentence,
    /890\/s, 1\.78 of 10 ÷ hold time\. That the connections are the limit is not shown here\.$/,
  );
});

test('a throughput that falls a little bears out the third guess, one that falls to nothing the last', () => {
  assert.equal(outcomeOf(HOLD, carried(40, 900), carried(10, 600)).answer, 2);
  const nothing = outcomeOf(HOLD, carried(40, 1980), carried(10, 50, 0.2));
  assert.equal(nothing.answer, 3);
  assert.match(nothing.sentence, /\(the CPUs were 20 % busy\)\. That the connections/);
});
