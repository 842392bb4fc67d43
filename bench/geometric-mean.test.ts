import assert from 'node:assert/strict';
import { test } from 'node:test';
import { geometricMean } from './geometric-mean.ts';

test('the interval of a geometric mean is Student’s on the log scale', () => {
  const { mean, low, high } = geometricMean([Math.exp(1), Math.exp(2), Math.exp(3)]);
  assert.ok(Math.abs(Math.log(mean) - 2) < 1e-12);
  // Their logs have the standard deviation 1: 4.303 ÷ √3 to either side.
  assert.ok(Math.abs(Math.log(high) - 2 - 4.303 / Math.sqrt(3)) < 1e-12);
  assert.ok(Math.abs(mean / low - high / mean) < 1e-9);
});

test('one value alone has no interval', () => {
  assert.throws(() => geometricMean([2]), RangeError);
});
