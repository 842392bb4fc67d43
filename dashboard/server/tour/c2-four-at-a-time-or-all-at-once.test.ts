import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf } from './c2-four-at-a-time-or-all-at-once.ts';
import { reading, valuesOf } from './testdata/readings.ts';

const SIZES = { requests: 100, workers: 4 };

/** A burst whose last answer comes after so many seconds, with so many requests at once in each worker. */
const burst = (last: number, ...mostInProgress: number[]) =>
  reading({ responseTimes: [0.1, last], databaseWait: 0.1, mostInProgress });

const inWaves = burst(2.52, 1, 1, 1, 1);

test('a pool that works in waves and loops that hold a quarter each are what the claim says', () => {
  const outcome = outcomeOf(inWaves, burst(0.13, 24, 26, 25, 25), SIZES);
  assert.equal(outcome.answer, 1);
  assert.equal(
    outcome.sentence,
    'The pool of 4 had answered all 100 after 2.52 s, which is 25.2 service times; the loops after 130 ms, which is ' +
      '1.3, and held from 24 to 26 each.',
  );
  assert.deepEqual(valuesOf(outcome), {
    'all answered after/sync': 2.52,
    'all answered after/hybrid': 0.13,
    'in service times/sync': 25.2,
    'in service times/hybrid': 1.3,
    'held by the worker with most/sync': 1,
    'held by the worker with most/hybrid': 26,
    'held by the worker with fewest/hybrid': 24,
  });
});

test('loops that need as many waves as the pool bear out the first guess, and the claim is not shown', () => {
  const outcome = outcomeOf(inWaves, burst(2.5, 1, 1, 1, 1), SIZES);
  assert.equal(outcome.answer, 0);
  assert.match(outcome.sentence, /held 1 each: that the loops take all at once is not shown here\.$/);
});

test('a pool that answers all at once bears out the third guess, and the claim is not shown', () => {
  const outcome = outcomeOf(burst(0.15, 25, 25, 25, 25), burst(0.14, 25, 25, 25, 25), SIZES);
  assert.equal(outcome.answer, 2);
  assert.match(outcome.sentence, /that the pool works in waves is not shown here\.$/);
});

test('loops that take longer than the pool bear out the last guess', () => {
  assert.equal(outcomeOf(inWaves, burst(3, 25, 25, 25, 25), SIZES).answer, 3);
});

test('requests that went to one loop alone do not show the claim, however soon they were answered', () => {
  const { sentence } = outcomeOf(inWaves, burst(0.19, 100, 0, 0, 0), SIZES);
  assert.match(sentence, /held from 0 to 100 each: that the loops take all at once is not shown here\.$/);
});

test('loops that are slow, and far from as slow as the pool, bear out no guess', () => {
  const { answer, sentence } = outcomeOf(inWaves, burst(0.6, 25, 25, 25, 25), SIZES);
  assert.equal(answer, -1);
  assert.match(sentence, /which is 6, .* that the loops take all at once is not shown here\.$/);
});

test('loops that held equally many are told with one number', () => {
  const { sentence } = outcomeOf(burst(5.04, 1, 1), burst(0.139, 50, 50), { requests: 100, workers: 2 });
  assert.match(sentence, /and held 50 each\.$/);
});
