import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countOverObjective, emptyHistogram, type Histogram, meanOf, merged, quantile, record } from './histogram.ts';
import { createRandom } from './random.ts';

const objectives = [0.25, 0.1, 0.05, 1, 0.3, 2.5, 0.001];

test('a value at the objective is within it and the next number above is over it', () => {
  for (const objective of objectives) {
    const next = objective * (1 + Number.EPSILON);
    assert.ok(next > objective);
    assert.equal(countOverObjective(buildHistogram([objective], objective)), 0);
    assert.equal(countOverObjective(buildHistogram([next], objective)), 1);
  }
});

test('what is over the objective is counted without error', () => {
  for (const objective of objectives) {
    const values = randomTimes(5000).concat(Array(10).fill(objective));
    const over = values.filter(value => value > objective).length;
    assert.equal(countOverObjective(buildHistogram(values, objective)), over);
  }
});

test('a value is known to within 1 %', () => {
  for (const value of randomTimes(5000)) {
    const histogram = buildHistogram([value, 100], 0.25);
    assert.ok(Math.abs(quantile(histogram, 0.5) / value - 1) <= 0.01, `${value} became ${quantile(histogram, 0.5)}`);
  }
});

test('quantiles are within 1 % of those of the sorted values', () => {
  const values = randomTimes(10_000);
  const sorted = values.toSorted((one, other) => one - other);
  const histogram = buildHistogram(values, 0.25);
  for (const q of [0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1]) {
    const exact = sorted[Math.ceil(q * sorted.length - 1e-9) - 1] ?? Number.NaN;
    assert.ok(Math.abs(quantile(histogram, q) / exact - 1) <= 0.01, `q ${q}: ${quantile(histogram, q)}, not ${exact}`);
  }
});

test('histograms merged are the histogram of all values', () => {
  const values = randomTimes(3000);
  const parts = [values.slice(0, 7), values.slice(7, 2000), [], values.slice(2000)];
  const all = merged(
    parts.map(part => buildHistogram(part, 0.25)),
    0.25,
  );
  const whole = buildHistogram(values, 0.25);
  assert.deepEqual({ ...all, sum: 0 }, { ...whole, sum: 0 });
  assert.ok(Math.abs(all.sum / whole.sum - 1) < 1e-12);
});

test('histograms with different objectives are not merged', () => {
  assert.throws(() => merged([emptyHistogram(0.25), emptyHistogram(0.5)], 0.25), /0\.5 s and 0\.25 s cannot be merged/);
});

test('the mean and the longest have no bucket error', () => {
  const histogram = buildHistogram([0.1, 0.2, 0.33], 0.25);
  assert.ok(Math.abs(meanOf(histogram) - 0.21) < 1e-15);
  assert.equal(histogram.max, 0.33);
  assert.equal(quantile(histogram, 1), 0.33);
});

test('a histogram survives the way through JSON', () => {
  const histogram = buildHistogram(randomTimes(100), 0.25);
  assert.deepEqual(JSON.parse(JSON.stringify(histogram)), histogram);
});

test('an empty histogram has no quantiles', () => {
  assert.ok(Number.isNaN(quantile(emptyHistogram(0.25), 0.5)));
});

function buildHistogram(values: readonly number[], objective: number): Histogram {
  const histogram = emptyHistogram(objective);
  for (const value of values) record(histogram, value);
  return histogram;
}

/** Times from 10 µs to 10 s, spread evenly over the powers of ten. */
function randomTimes(count: number): number[] {
  const random = createRandom(7, 1, 'arrivals');
  return Array.from({ length: count }, () => 10 ** (-5 + 6 * random()));
}
