import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PoissonArrivals } from './poisson-arrivals.ts';
import { createRandom } from './random.ts';

test('the same seed and source give the same intended sends, and any other gives others', () => {
  assert.deepEqual(intendedSends(5, 1), intendedSends(5, 1));
  assert.notDeepEqual(intendedSends(5, 1), intendedSends(6, 1));
  assert.notDeepEqual(intendedSends(5, 1), intendedSends(5, 2));
});

test('sources add up to a Poisson process: arrivals per 100 ms vary as much as their mean', () => {
  for (const seed of [1, 2, 3]) {
    const times = [...intendedSends(seed, 1), ...intendedSends(seed, 2)];
    const counts: number[] = Array(2000).fill(0);
    for (const time of times) counts[Math.floor(time / 0.1)] = (counts[Math.floor(time / 0.1)] ?? 0) + 1;
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (counts.length - 1);
    // Means of 20 ± 0.1 and a dispersion of 1 ± 0.03, each within four standard errors.
    assert.ok(Math.abs(mean - 20) < 0.4, `seed ${seed}: mean ${mean}`);
    assert.ok(Math.abs(variance / mean - 1) < 0.13, `seed ${seed}: dispersion ${variance / mean}`);
  }
});

test('another arrival rate holds from the moment of the change', () => {
  const arrivals = new PoissonArrivals(createRandom(1, 1, 'arrivals'), 10);
  while (arrivals.due < 100) arrivals.take();
  arrivals.changeRate(1000, 100);
  const times: number[] = [];
  while (arrivals.due < 110) times.push(arrivals.take());
  assert.ok(times.every(time => time > 100));
  assert.ok(Math.abs(times.length - 10_000) < 400, `${times.length} arrivals`);
});

test('an arrival rate of 0 has no arrivals until it is raised', () => {
  const arrivals = new PoissonArrivals(createRandom(1, 1, 'arrivals'), 0);
  assert.equal(arrivals.due, Number.POSITIVE_INFINITY);
  arrivals.changeRate(100, 3);
  assert.ok(arrivals.due > 3 && arrivals.due < 4);
});

test('the arrival rate that already holds changes no intended send', () => {
  const arrivals = new PoissonArrivals(createRandom(1, 1, 'arrivals'), 10);
  const { due } = arrivals;
  arrivals.changeRate(10, 0);
  assert.equal(arrivals.due, due);
});

/** Of one of two sources, at 100 per second for 200 s. */
function intendedSends(seed: number, source: number): number[] {
  const arrivals = new PoissonArrivals(createRandom(seed, source, 'arrivals'), 100);
  const times: number[] = [];
  while (arrivals.due < 200) times.push(arrivals.take());
  return times;
}
