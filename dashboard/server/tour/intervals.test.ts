import assert from 'node:assert/strict';
import { test } from 'node:test';
import jstat from 'jstat';
import { meanInterval, medianInterval, quantileOf, quotient, ratioInterval } from './intervals.ts';
import { tQuantile } from './t-quantile.ts';

test('the quantiles of t are those of a library, at and beyond the end of the table', () => {
  for (const freedom of [1, 2, 5, 10, 30, 31, 60, 1000]) {
    const exact = jstat.studentt.inv(0.975, freedom);
    assert.ok(Math.abs(tQuantile(freedom) / exact - 1) < 2e-3, `${freedom}: ${tQuantile(freedom)}, not ${exact}`);
  }
  assert.equal(tQuantile(2.9), 4.303);
  assert.ok(Number.isNaN(tQuantile(0)));
});

test('the interval of a mean is t s ÷ √n to either side', () => {
  const { estimate, low, high } = meanInterval([10, 12, 14, 16]);
  // s = 2.582, t(3) = 3.182: half a width of 4.108.
  assert.equal(estimate, 13);
  assert.ok(Math.abs(low - 8.892) < 1e-3 && Math.abs(high - 17.108) < 1e-3, `${low} ${high}`);
  assert.ok(Number.isNaN(meanInterval([10]).low));
});

test('the interval of a ratio holds it in the middle of the log scale, and has no width without noise', () => {
  const { estimate, low, high } = ratioInterval([20, 22, 18, 20], [10, 11, 9, 10]);
  assert.equal(estimate, 2);
  assert.ok(Math.abs(low * high - 4) < 1e-9);
  // Each mean has a variance of (0.0816)² ÷ 4 of its square; t(6) = 2.447.
  assert.ok(Math.abs(high - 2 * Math.exp(2.447 * Math.sqrt((2 * 0.0066667) / 4))) < 1e-3, `${high}`);
  assert.deepEqual(ratioInterval([20, 20], [10, 10]), { estimate: 2, low: 2, high: 2 });
});

test('the interval of a ratio covers the true one in about 95 of 100 cases', () => {
  const normal = normalsOf(7);
  const batches = (mean: number) => Array.from({ length: 6 }, () => mean * (1 + 0.05 * normal()));
  let covered = 0;
  for (let round = 0; round < 2000; round++) {
    const { low, high } = ratioInterval(batches(100), batches(80));
    if (low <= 1.25 && 1.25 <= high) covered += 1;
  }
  assert.ok(covered >= 1860 && covered <= 1940, `${covered} of 2000`);
});

test('the median of rounded times lies between the milliseconds of the log', () => {
  // 3 of 21 ms, 6 of 22 ms: the middle of nine is a quarter into 22 ms, which stand for 21.5 to 22.5 ms.
  const { estimate, low, high } = medianInterval([...Array(3).fill(0.021), ...Array(6).fill(0.022)], 0.001);
  assert.ok(Math.abs(estimate - 0.02175) < 1e-9, `${estimate}`);
  assert.ok(low < estimate && estimate < high && low >= 0.0205 && high <= 0.0225, `${low} ${high}`);
});

test('the median of many equal times has a narrow interval around it', () => {
  const { estimate, low, high } = medianInterval(Array(100).fill(0.021), 0.001);
  assert.ok(Math.abs(estimate - 0.021) < 1e-9 && Math.abs(low - 0.0209) < 1e-4 && Math.abs(high - 0.0211) < 1e-4);
});

test('a quotient is as uncertain as both of its parts together', () => {
  const part = { estimate: 10, low: 9, high: 10 / 0.9 };
  const { estimate, low, high } = quotient(part, part);
  assert.equal(estimate, 1);
  assert.ok(Math.abs(low - 0.9 ** Math.SQRT2) < 1e-9 && Math.abs(high - 0.9 ** -Math.SQRT2) < 1e-9);
});

test('a quantile is the smallest value that enough others do not exceed', () => {
  const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
  assert.equal(quantileOf(sorted, 0.99), 99);
  assert.equal(quantileOf([5], 0.99), 5);
  assert.ok(Number.isNaN(quantileOf([], 0.5)));
});

/** Standard normal values from a seed (xorshift32, then Box and Muller). */
function normalsOf(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
