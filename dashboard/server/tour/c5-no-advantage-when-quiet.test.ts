import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf } from './c5-no-advantage-when-quiet.ts';
import { reading, valuesOf } from './testdata/readings.ts';

/** Fifty responses around a time, in whole milliseconds as the log has them. */
const responses = (milliseconds: number, spread = 1) =>
  reading({
    responseTimes: Array.from({ length: 50 }, (_, index) => (milliseconds + ((index % 5) - 2) * spread) / 1000),
  });

test('medians within a tenth, with their whole interval, are about the same', () => {
  const outcome = outcomeOf(responses(22), responses(22));
  assert.equal(outcome.answer, 2);
  assert.match(
    outcome.sentence,
    /^Half of the pool's responses took 22 ms at most, half of the loops' 22 ms: 1 \[0\.956, 1\.05\] times as long, which is about the same\.$/,
  );
  assert.deepEqual(valuesOf(outcome), {
    'median response time/sync': 0.022,
    'median response time/hybrid': 0.022,
    'hybrid ÷ sync': 1,
  });
});

test('loops that answer in half the time bear out the second guess, a pool that does the first', () => {
  const sooner = outcomeOf(responses(44), responses(22));
  assert.equal(sooner.answer, 1);
  assert.match(sooner.sentence, /times as long, which is not the same\.$/);
  assert.equal(outcomeOf(responses(22), responses(44)).answer, 0);
});

test('on a machine that is too noisy nothing is decided, and no guess is borne out', () => {
  const outcome = outcomeOf(responses(22, 6), responses(22, 6));
  assert.equal(outcome.answer, -2);
  assert.match(outcome.sentence, /times as long: not decided here, the machine is too noisy\.$/);
});
