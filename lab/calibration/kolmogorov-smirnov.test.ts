import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../search/seeded.ts';
import { evenFit, exponentialFit, poissonFit } from './kolmogorov-smirnov.ts';

test('the distance is the largest one to either side of a step', () => {
  // Steps at 0.1, 0.2 and 0.9: before the third one the sample stands at 2/3 from 0.2 on, and 2/3 − 0.2 is the most.
  assert.ok(Math.abs(evenFit([0.2, 0.9, 0.1]).distance - (2 / 3 - 0.2)) < 1e-12);
});

// Critical values of the test for n = 20, 35 and 100: F. J. Massey, JASA 46 (1951), table 1, and 1.36 ÷ √n beyond.
for (const [n, distance, p] of [
  [20, 0.294, 0.05],
  [20, 0.352, 0.01],
  [35, 0.224, 0.05],
  [100, 0.1358, 0.05],
] as const) {
  test(`at n = ${n} a distance of ${distance} has a probability of ${p}`, () => {
    // Evenly placed steps, pushed to one side until the distance is the one that is wanted.
    const values = Array.from({ length: n }, (_, index) => Math.min(1, index / n + distance));
    assert.ok(Math.abs(evenFit(values).distance - distance) < 1e-9);
    assert.ok(Math.abs(evenFit(values).p - p) < 0.15 * p, `p is ${evenFit(values).p}`);
  });
}

test('samples of the distribution itself are rejected as often as p says', () => {
  const random = seededRandom(5);
  const fits = Array.from({ length: 2000 }, () => evenFit(Array.from({ length: 50 }, random)));
  for (const level of [0.05, 0.5]) {
    const rejected = fits.filter(({ p }) => p < level).length / fits.length;
    assert.ok(Math.abs(rejected - level) < 3.5 * Math.sqrt((level * (1 - level)) / fits.length), `${rejected}`);
  }
});

test('exponential gaps fit their rate, and neither another rate nor equal spacing does', () => {
  const random = seededRandom(9);
  const gaps = Array.from({ length: 1000 }, () => -Math.log(1 - random()) / 50);
  assert.ok(exponentialFit(gaps, 50).p > 0.01);
  assert.ok(exponentialFit(gaps, 60).p < 0.001);
  assert.ok(
    exponentialFit(
      Array.from({ length: 1000 }, () => 1 / 50),
      50,
    ).p < 0.001,
  );
});

test('arrivals whose rate grows are told from a Poisson process', () => {
  const random = seededRandom(13);
  const even = Array.from({ length: 500 }, () => 3 + 4 * random());
  assert.ok(poissonFit(even, 3, 7).p > 0.01);
  const growing = Array.from({ length: 500 }, () => 3 + 4 * Math.sqrt(random()));
  assert.ok(poissonFit(growing, 3, 7).p < 0.001);
});
