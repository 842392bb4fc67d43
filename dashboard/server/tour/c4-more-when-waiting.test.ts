import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf } from './c4-more-when-waiting.ts';
import { around, reading, valuesOf } from './testdata/readings.ts';

const SIZES = { workers: 2, connections: 40 };
const pool = (throughput: number, machine = 0.12) => reading({ throughputs: around(throughput), machine });
const loops = (throughput: number, machine: number) =>
  reading({ topology: 'hybrid', throughputs: around(throughput), machine });

test('more throughput with busier CPUs is what the claim says, told without a ratio and with its reading', () => {
  const outcome = outcomeOf(pool(94), loops(1850, 0.93), SIZES);
  assert.equal(outcome.answer, 1);
  assert.equal(
    outcome.sentence,
    'With 2 blocking workers the pool served 94/s while the CPUs were 12 % busy; the loops with 40 connections 1,850/s ' +
      'while they were 93 % busy. In this reading both have as many workers; step 6 gives both as many requests at once.',
  );
  assert.deepEqual(valuesOf(outcome), {
    'throughput/sync': 94,
    'throughput/hybrid': 1850,
    'CPUs busy/sync': 0.12,
    'CPUs busy/hybrid': 0.93,
  });
});

test('more throughput with CPUs as idle as before bears out the third guess, and the claim is not shown', () => {
  const outcome = outcomeOf(pool(94), loops(1850, 0.2), SIZES);
  assert.equal(outcome.answer, 2);
  assert.match(
    outcome.sentence,
    /20 % busy\. That the loops serve more, because the CPUs stay busy, is not shown here\./,
  );
});

test('where other programs fill the CPUs it is undecided', () => {
  assert.equal(outcomeOf(pool(72, 1), loops(430, 1), SIZES).answer, -2);
});

test('as much bears out the first guess and less the last', () => {
  assert.equal(outcomeOf(pool(94), loops(94.2, 0.12), SIZES).answer, 0);
  assert.equal(outcomeOf(pool(94), loops(50, 0.12), SIZES).answer, 3);
});
