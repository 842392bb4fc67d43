import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../search/seeded.ts';
import { varianceComponents } from './variance-components.ts';

test('mean squares of a small example are taken apart', () => {
  // Means 2 and 6, MS_w = (2 + 2) ÷ 2 = 2, MS_b = 2 × (4 + 4) = 16: σ_b² = (16 − 2) ÷ 2 = 7.
  const { within, between } = varianceComponents([
    [1, 3],
    [5, 7],
  ]);
  assert.ok(Math.abs(within - Math.SQRT2) < 1e-12);
  assert.ok(Math.abs(between - Math.sqrt(7)) < 1e-12);
});

test('groups that differ by no more than their values have nothing between them', () => {
  const { between } = varianceComponents([
    [1, 9],
    [2, 8],
    [0, 10],
  ]);
  assert.equal(between, 0);
});

test('what values were made of is found again, in groups of unequal size too', () => {
  const random = seededRandom(2);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const groups = Array.from({ length: 2000 }, (_, index) => {
    const group = 0.05 * normal();
    return Array.from({ length: 2 + (index % 3) }, () => group + 0.02 * normal());
  });
  const { within, between } = varianceComponents(groups);
  assert.ok(Math.abs(within - 0.02) < 0.001, `${within}`);
  assert.ok(Math.abs(between - 0.05) < 0.003, `${between}`);
});
