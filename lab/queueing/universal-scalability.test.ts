import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../search/seeded.ts';
import {
  fitUniversalScalability,
  optimalConcurrency,
  peakConcurrency,
  peakThroughput,
  type ScalabilityPoint,
  throughputAtConcurrency,
  throughputLimit,
  type UniversalScalability,
} from './universal-scalability.ts';

test('the law is that of its definition, with contention and coherency that differ', () => {
  const law = { throughputOfOne: 100, contention: 0.05, coherency: 0.001 };
  // 100 × 20 ÷ (1 + 0.05 × 19 + 0.001 × 380) = 2000 ÷ 2.33
  close(throughputAtConcurrency(law, 20), 2000 / 2.33);
  assert.equal(throughputAtConcurrency(law, 1), 100);
  close(peakConcurrency(law), Math.sqrt(950));
  close(throughputLimit(law), 2000);
  close(optimalConcurrency(law), 20);
});

test('a law is found again from its points', () => {
  for (const law of randomLaws(100)) {
    const fit = fitUniversalScalability(pointsOf(law));
    close(fit.law.throughputOfOne, law.throughputOfOne, 1e-6);
    close(fit.law.contention, law.contention, 1e-5);
    close(fit.law.coherency, law.coherency, 1e-5);
    assert.equal(fit.degreesOfFreedom, 5);
  }
});

test('no concurrency has a higher throughput than the peak, and none reaches the limit', () => {
  const random = seededRandom(41);
  for (const law of randomLaws(100)) {
    const peak = peakThroughput(law) ?? Number.NaN;
    const concurrency = peakConcurrency(law) ?? Number.NaN;
    for (let i = 0; i < 20; i++) {
      const other = 1 + random() ** 4 * 1e4;
      assert.ok(throughputAtConcurrency(law, other) <= peak * (1 + 1e-12));
      assert.ok(throughputAtConcurrency(law, other) < (throughputLimit(law) ?? Number.NaN));
    }
    assert.ok(throughputAtConcurrency(law, concurrency * 1.1) < peak);
    // It rises up to the peak and falls from there on.
    ascending([0.25, 0.5, 0.75, 1].map(part => throughputAtConcurrency(law, 1 + (concurrency - 1) * part)));
    ascending([8, 4, 2, 1].map(part => throughputAtConcurrency(law, concurrency * part)));
  }
});

test('what never ends has no number', () => {
  const linear = { throughputOfOne: 10, contention: 0, coherency: 0 };
  assert.equal(throughputAtConcurrency(linear, 64), 640);
  assert.deepEqual(
    [peakConcurrency(linear), peakThroughput(linear), throughputLimit(linear), optimalConcurrency(linear)],
    [undefined, undefined, undefined, undefined],
  );
  assert.equal(peakConcurrency({ ...linear, contention: 0.1 }), undefined);
  assert.equal(peakConcurrency({ ...linear, contention: 1.5, coherency: 0.1 }), 1);
  assert.equal(peakThroughput({ ...linear, contention: 1.5 }), 10);
});

test('with three degrees of freedom an interval is 3.182 standard errors wide to each side', () => {
  const points = pointsOf({ throughputOfOne: 100, contention: 0.04, coherency: 0.001 }, [1, 2, 4, 8, 16, 32]);
  const bent = points.map((point, i) => ({ ...point, throughput: point.throughput * (i % 2 ? 1.004 : 0.997) }));
  const { law, standardErrors, low, high } = fitUniversalScalability(bent);
  for (const key of ['throughputOfOne', 'contention', 'coherency'] as const) {
    close(high[key] - law[key], 3.182446 * standardErrors[key], 1e-6);
    close(law[key] - low[key], 3.182446 * standardErrors[key], 1e-6);
  }
});

test('95 of 100 intervals hold the true law', () => {
  const truth = { throughputOfOne: 100, contention: 0.05, coherency: 0.002 };
  const random = seededRandom(42);
  const rounds = 200;
  const held = { throughputOfOne: 0, contention: 0, coherency: 0 };
  for (let round = 0; round < rounds; round++) {
    const { low, high } = fitUniversalScalability(disturbed(pointsOf(truth), 8, random));
    for (const key of ['throughputOfOne', 'contention', 'coherency'] as const) {
      if (low[key] <= truth[key] && truth[key] <= high[key]) held[key]++;
    }
  }
  // 0.95 ± 3 deviations of a share of 200.
  for (const number of Object.values(held)) assert.ok(Math.abs(number / rounds - 0.95) < 0.047, JSON.stringify(held));
});

test('noise about a straight line gives coefficients of 0 at the least, never a failure', () => {
  const random = seededRandom(43);
  const linear = { throughputOfOne: 50, contention: 0, coherency: 0 };
  let atLimit = 0;
  for (let round = 0; round < 100; round++) {
    const { law, low } = fitUniversalScalability(disturbed(pointsOf(linear, [1, 2, 3, 4, 6, 8]), 3, random));
    assert.ok(law.contention >= 0 && law.coherency >= 0 && low.contention >= 0 && low.coherency >= 0);
    assert.ok(Math.abs(law.throughputOfOne - 50) < 10, `${law.throughputOfOne}`);
    if (law.contention === 0 || law.coherency === 0) atLimit++;
  }
  assert.ok(atLimit > 50, `${atLimit}`);
});

test('a fit that is held at 0 is no worse than any other that is allowed', () => {
  const points = [100, 201, 399, 803].map((throughput, i) => ({ concurrency: 2 ** i, throughput }));
  const { law } = fitUniversalScalability(points);
  // With α = β = 0: γ = Σ N X ÷ Σ N².
  assert.deepEqual([law.contention, law.coherency], [0, 0]);
  close(law.throughputOfOne, (100 + 402 + 1596 + 6424) / 85, 1e-9);
});

test('too few points, and what is no point or no law, is refused', () => {
  const points = pointsOf({ throughputOfOne: 100, contention: 0.04, coherency: 0.001 });
  const [first, second] = points;
  assert.ok(first && second);
  assert.throws(
    () => fitUniversalScalability(points.slice(0, 3)),
    /four points at three concurrencies or more: 3 at 3/,
  );
  assert.throws(() => fitUniversalScalability([first, first, second, second]), /4 at 2 were given/);
  for (const wrong of [Number.NaN, 0, -1, Infinity]) {
    assert.throws(() => fitUniversalScalability([...points, { concurrency: wrong, throughput: 1 }]), /concurrency has/);
    assert.throws(() => fitUniversalScalability([...points, { concurrency: 1, throughput: wrong }]), /throughput has/);
  }
});

function randomLaws(number: number): UniversalScalability[] {
  const random = seededRandom(number);
  return Array.from({ length: number }, () => ({
    throughputOfOne: 10 ** (4 * random() - 1),
    contention: 10 ** (-2.5 + 2 * random()),
    coherency: 10 ** (-4.5 + 3 * random()),
  }));
}

function pointsOf(law: UniversalScalability, concurrencies = [1, 2, 4, 8, 16, 32, 64, 128]): ScalabilityPoint[] {
  return concurrencies.map(concurrency => ({ concurrency, throughput: throughputAtConcurrency(law, concurrency) }));
}

function disturbed(points: readonly ScalabilityPoint[], deviation: number, random: () => number): ScalabilityPoint[] {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return points.map(({ concurrency, throughput }) => ({ concurrency, throughput: throughput + deviation * normal() }));
}

function ascending(values: readonly number[]): void {
  for (const [i, value] of values.entries()) assert.ok(value >= (values[i - 1] ?? 0) * (1 - 1e-12), `${values}`);
}

function close(actual: number | undefined, expected: number, tolerance = 1e-12): void {
  assert.ok(
    Math.abs((actual ?? Number.NaN) - expected) <= tolerance * Math.abs(expected),
    `${actual} is not ${expected}`,
  );
}
