import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../lab/analysis/seeded.ts';
import { normalQuantile, welchHalfWidth } from './statistics.ts';

test('equal samples with no spread have an interval of no width', () => {
  assert.equal(welchHalfWidth([2, 2, 2], [5, 5, 5], 0.95), 0);
});

test('two samples of one size and one variance have 2 (n − 1) degrees of freedom', () => {
  // s² = 5/3, n = 4: t(0.975, 6) √(2 × 5/12) with t = 2.446912 from a table.
  assert.ok(Math.abs(welchHalfWidth([1, 2, 3, 4], [11, 12, 13, 14], 0.95) - 2.446912 * Math.sqrt(5 / 6)) < 1e-4);
});

test('the interval holds the true difference in about 95 of 100 pairs of few blocks whose variances differ', () => {
  const random = seededRandom(5);
  const normals = (count: number, deviation: number) =>
    Array.from({ length: count }, () => deviation * normalQuantile(Math.min(1 - 1e-12, Math.max(1e-12, random()))));
  const pairs = 4000;
  let held = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const [one, other] = [normals(4, 0.02), normals(6, 0.05)];
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    if (Math.abs(mean(one) - mean(other)) <= welchHalfWidth(one, other, 0.95)) held++;
  }
  assert.ok(held / pairs > 0.94 && held / pairs < 0.965, String(held / pairs));
});
