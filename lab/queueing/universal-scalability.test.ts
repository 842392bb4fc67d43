import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../search/seeded.ts';
import {
  fitUniversalScalability,
  type ScalabilityPoint,
  throughputAtConcurrency,
  type UniversalScalability,
} from './universal-scalability.ts';

const keys = ['throughputOfOne', 'contention', 'coherency'] as const;

test('a law, and one without coherency, is found again from its points', () => {
  const random = seededRandom(100);
  for (let round = 0; round < 100; round++) {
    const law = {
      throughputOfOne: 10 ** (4 * random() - 1),
      contention: 10 ** (-2.5 + 2 * random()),
      coherency: 10 ** (-4.5 + 3 * random()),
    };
    const fit = fitUniversalScalability(pointsOn(law));
    for (const key of keys) close(fit.law[key], law[key], 1e-5);
    const amdahl = fitUniversalScalability(pointsOn({ ...law, coherency: 0 }), { coherency: false });
    close(amdahl.law.contention, law.contention, 1e-5);
    assert.equal(amdahl.law.coherency, 0);
  }
});

test('a point of weight 2 counts as two points', () => {
  const points = bent();
  const doubled = points.map((point, i) => ({ ...point, weight: i === 2 ? 2 : 1 }));
  const [weighed, repeated] = [doubled, [...points, ...points.slice(2, 3)]].map(some => fitUniversalScalability(some));
  for (const key of keys) close(weighed?.law[key], repeated?.law[key] ?? Number.NaN, 1e-8);
});

test('95 of 100 intervals hold the true law', () => {
  const truth = { throughputOfOne: 100, contention: 0.05, coherency: 0.002 };
  const random = seededRandom(42);
  const rounds = 200;
  const held = { throughputOfOne: 0, contention: 0, coherency: 0 };
  for (let round = 0; round < rounds; round++) {
    const { low, high } = fitUniversalScalability(disturbed(pointsOn(truth), 8, random));
    for (const key of keys) if (low[key] <= truth[key] && truth[key] <= high[key]) held[key]++;
  }
  // 0.95 ± 3 deviations of a share of 200.
  for (const number of Object.values(held)) assert.ok(Math.abs(number / rounds - 0.95) < 0.047, JSON.stringify(held));
});

test('noise about a straight line gives coefficients of 0 at the least, with the others at their best', () => {
  const random = seededRandom(43);
  const linear = { throughputOfOne: 50, contention: 0, coherency: 0 };
  let atLimit = 0;
  for (let round = 0; round < 100; round++) {
    const { law, low } = fitUniversalScalability(disturbed(pointsOn(linear, [1, 2, 3, 4, 6, 8]), 3, random));
    assert.ok(law.contention >= 0 && law.coherency >= 0 && low.contention >= 0 && low.coherency >= 0);
    if (law.contention === 0 || law.coherency === 0) atLimit++;
  }
  assert.ok(atLimit > 50, `${atLimit}`);
  const points = [100, 201, 399, 803].map((throughput, i) => ({ concurrency: 2 ** i, throughput }));
  const { law } = fitUniversalScalability(points);
  // With α = β = 0: γ = Σ N X ÷ Σ N².
  assert.deepEqual([law.contention, law.coherency], [0, 0]);
  close(law.throughputOfOne, (100 + 402 + 1596 + 6424) / 85, 1e-9);
});

test('fewer than four points or three concurrencies are refused', () => {
  const [first, second, third] = bent();
  assert.ok(first && second && third);
  assert.throws(() => fitUniversalScalability([first, second, third]), RangeError);
  assert.throws(() => fitUniversalScalability([first, first, second, second]), RangeError);
});

function pointsOn(law: UniversalScalability, concurrencies = [1, 2, 4, 8, 16, 32, 64, 128]): ScalabilityPoint[] {
  return concurrencies.map(concurrency => ({ concurrency, throughput: throughputAtConcurrency(law, concurrency) }));
}

/** Six points a little off a law. */
function bent(): ScalabilityPoint[] {
  const points = pointsOn({ throughputOfOne: 100, contention: 0.04, coherency: 0.001 }, [1, 2, 4, 8, 16, 32]);
  return points.map((point, i) => ({ ...point, throughput: point.throughput * (i % 2 ? 1.004 : 0.997) }));
}

function disturbed(points: readonly ScalabilityPoint[], deviation: number, random: () => number): ScalabilityPoint[] {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return points.map(({ concurrency, throughput }) => ({ concurrency, throughput: throughput + deviation * normal() }));
}

function close(actual: number | undefined, expected: number, tolerance = 1e-12): void {
  assert.ok(
    Math.abs((actual ?? Number.NaN) - expected) <= tolerance * Math.abs(expected),
    `${actual} is not ${expected}`,
  );
}
