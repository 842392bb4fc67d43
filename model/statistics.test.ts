import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../lab/search/seeded.ts';
import {
  geometricInterval,
  mean,
  meanInterval,
  medianInterval,
  normalQuantile,
  pairedRatio,
  quantileOf,
  quotient,
  ratioInterval,
  studentT,
  welchHalfWidth,
} from './statistics.ts';

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected}`);
}

test('quantiles are those of the published tables', () => {
  near(studentT(0.975, 1), 12.706, 0.001);
  near(studentT(0.975, 3), 3.182, 0.001);
  near(studentT(0.995, 10), 3.169, 0.001);
  near(studentT(0.975, 30), 2.042, 0.001);
  near(studentT(0.975, 60), 2.0, 0.001);
  near(studentT(0.975, 1000), 1.962, 0.001);
  assert.ok(Number.isNaN(studentT(0.975, 0)));
  near(normalQuantile(0.975), 1.96, 0.0001);
});

test('the interval of a mean is the textbook one', () => {
  // Mean 5, deviation 2, n = 4: 5 ± 3.182 × 2 ÷ 2.
  const { estimate, low, high } = meanInterval([3, 4, 6, 7].map(x => 5 + (x - 5) * (2 / Math.sqrt(10 / 3))));
  near(estimate, 5, 1e-12);
  near(low, 5 - 3.182, 0.001);
  near(high, 5 + 3.182, 0.001);
});

test('the interval of a geometric mean is the textbook one on the log scale', () => {
  const { estimate, low, high } = geometricInterval([Math.exp(1), Math.exp(2), Math.exp(3)]);
  near(Math.log(estimate), 2, 1e-12);
  // The logarithms have the standard deviation 1: 4.303 ÷ √3 to either side.
  near(Math.log(high) - 2, 4.3027 / Math.sqrt(3), 1e-4);
  near(estimate / low, high / estimate, 1e-9);
});

test('one value has no interval', () => {
  const { estimate, low, high } = geometricInterval([42]);
  near(estimate, 42, 1e-12);
  assert.ok(Number.isNaN(low) && Number.isNaN(high));
});

test('a ratio is paired by block: what makes a whole block slow cancels out', () => {
  const speed = [1, 0.5, 2, 0.8];
  const of = new Map(speed.map((factor, block) => [block, 300 * factor]));
  const to = new Map(speed.map((factor, block) => [block, 100 * factor]));
  const { estimate, low, high } = pairedRatio(of, new Map([...to, [9, 1e6]]));
  near(estimate, 3, 1e-9);
  near(low, 3, 1e-9);
  near(high, 3, 1e-9);
});

test('95 of 100 intervals of a ratio hold the true one', () => {
  const normal = drawNormals(1);
  const searches = 2000;
  let held = 0;
  for (let search = 0; search < searches; search++) {
    const of = new Map<number, number>();
    const to = new Map<number, number>();
    for (let block = 0; block < 4; block++) {
      const shared = 0.1 * normal();
      of.set(block, 2 * Math.exp(shared + 0.05 * normal()));
      to.set(block, Math.exp(shared + 0.05 * normal()));
    }
    const { low, high } = pairedRatio(of, to);
    if (low <= 2 && 2 <= high) held++;
  }
  near(held / searches, 0.95, 0.015);
});

test('the difference of two samples with no spread has an interval of no width', () => {
  assert.equal(welchHalfWidth([2, 2, 2], [5, 5, 5]), 0);
});

test('two samples of one size and one variance have 2 (n − 1) degrees of freedom', () => {
  // s² = 5/3, n = 4: t(0.975, 6) √(2 × 5/12) with t = 2.446912 from a table.
  near(welchHalfWidth([1, 2, 3, 4], [11, 12, 13, 14]), 2.446912 * Math.sqrt(5 / 6), 1e-4);
});

test('the interval holds the true difference in about 95 of 100 pairs of few blocks whose variances differ', () => {
  const normal = drawNormals(5);
  const normals = (count: number, deviation: number) => Array.from({ length: count }, () => deviation * normal());
  const pairs = 4000;
  let held = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const [one, other] = [normals(4, 0.02), normals(6, 0.05)];
    if (Math.abs(mean(one) - mean(other)) <= welchHalfWidth(one, other)) held++;
  }
  assert.ok(held / pairs > 0.94 && held / pairs < 0.965, String(held / pairs));
});

test('the interval of a ratio of two samples lies even on the log scale, and has no width without noise', () => {
  const { estimate, low, high } = ratioInterval([20, 22, 18, 20], [10, 11, 9, 10]);
  near(estimate, 2, 1e-12);
  near(low * high, 4, 1e-9);
  // Each mean has a variance of (0.0816)² ÷ 4 of its square; t(6) = 2.447.
  near(high, 2 * Math.exp(2.447 * Math.sqrt((2 * 0.0066667) / 4)), 1e-3);
  assert.deepEqual(ratioInterval([20, 20], [10, 10]), { estimate: 2, low: 2, high: 2 });
  assert.ok(Number.isNaN(ratioInterval([20], [10, 11]).low));
});

test('95 of 100 intervals of a ratio of two samples hold the true one', () => {
  const normal = drawNormals(7);
  const batches = (middle: number) => Array.from({ length: 6 }, () => middle * (1 + 0.05 * normal()));
  let held = 0;
  for (let round = 0; round < 2000; round++) {
    const { low, high } = ratioInterval(batches(100), batches(80));
    if (low <= 1.25 && 1.25 <= high) held++;
  }
  near(held / 2000, 0.95, 0.015);
});

test('the median of rounded times lies between the milliseconds of the log', () => {
  // 3 of 21 ms, 6 of 22 ms: the middle of nine is a quarter into 22 ms, which stand for 21.5 to 22.5 ms.
  const { estimate, low, high } = medianInterval([...Array(3).fill(0.021), ...Array(6).fill(0.022)], 0.001);
  near(estimate, 0.02175, 1e-9);
  assert.ok(low < estimate && estimate < high && low >= 0.0205 && high <= 0.0225, `${low} ${high}`);
});

test('the median of many equal times has a narrow interval around it', () => {
  const { estimate, low, high } = medianInterval(Array(100).fill(0.021), 0.001);
  near(estimate, 0.021, 1e-9);
  near(low, 0.0209, 1e-4);
  near(high, 0.0211, 1e-4);
});

test('a quotient is as uncertain as both of its parts together', () => {
  const part = { estimate: 10, low: 9, high: 10 / 0.9 };
  const { estimate, low, high } = quotient(part, part);
  assert.equal(estimate, 1);
  near(low, 0.9 ** Math.SQRT2, 1e-9);
  near(high, 0.9 ** -Math.SQRT2, 1e-9);
});

test('a quantile is the smallest value that enough others do not exceed', () => {
  const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
  assert.equal(quantileOf(sorted, 0.99), 99);
  assert.equal(quantileOf([5], 0.99), 5);
  assert.ok(Number.isNaN(quantileOf([], 0.5)));
});

/** Standard normal values from a seed (Box and Muller). */
function drawNormals(seed: number): () => number {
  const random = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
