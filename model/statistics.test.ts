import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../lab/analysis/seeded.ts';
import { geometricInterval, meanInterval, normalQuantile, pairedRatio, studentT } from './statistics.ts';

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected}`);
}

test('quantiles are those of the published tables', () => {
  near(studentT(0.975, 1), 12.706, 0.001);
  near(studentT(0.975, 3), 3.182, 0.001);
  near(studentT(0.995, 10), 3.169, 0.001);
  near(normalQuantile(0.975), 1.96, 0.0001);
});

test('the interval of a mean is the textbook one', () => {
  // Mean 5, deviation 2, n = 4: 5 ± 3.182 × 2 ÷ 2.
  const { estimate, low, high } = meanInterval(
    [3, 4, 6, 7].map(x => 5 + (x - 5) * (2 / Math.sqrt(10 / 3))),
    0.95,
  );
  near(estimate, 5, 1e-12);
  near(low, 5 - 3.182, 0.001);
  near(high, 5 + 3.182, 0.001);
});

test('one value has no interval', () => {
  const { estimate, low, high } = geometricInterval([42], 0.95);
  near(estimate, 42, 1e-12);
  assert.ok(Number.isNaN(low) && Number.isNaN(high));
});

test('a ratio is paired by block: what makes a whole block slow cancels out', () => {
  const speed = [1, 0.5, 2, 0.8];
  const of = new Map(speed.map((factor, block) => [block, 300 * factor]));
  const to = new Map(speed.map((factor, block) => [block, 100 * factor]));
  const { estimate, low, high } = pairedRatio(of, new Map([...to, [9, 1e6]]), 0.95);
  near(estimate, 3, 1e-9);
  near(low, 3, 1e-9);
  near(high, 3, 1e-9);
});

test('95 of 100 intervals of a ratio hold the true one', () => {
  const random = seededRandom(1);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
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
    const { low, high } = pairedRatio(of, to, 0.95);
    if (low <= 2 && 2 <= high) held++;
  }
  near(held / searches, 0.95, 0.015);
});
