import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from './random.ts';
import { truncationPoint, WarmUp } from './warm-up.ts';

/** 400 values: a course with noise. */
function buildSeries(course: (index: number) => number, noise: number, seed: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: 400 }, (_, index) => course(index) + noise * random.normal());
}

const known: [what: string, course: (index: number) => number, noise: number, from: number, to: number][] = [
  ['a steady series has no warm-up', () => 5, 0, 0, 0],
  ['a leap without noise is found to the value', index => (index < 60 ? 1 : 5), 0, 60, 60],
  // Noise may make the first values after it look like a part of it.
  ['a series that leaps up is steady after the leap', index => (index < 60 ? 1 : 5), 0.5, 60, 70],
  ['a series that leaps down is steady after the leap', index => (index < 130 ? 9 : 5), 0.5, 130, 140],
  ['a single outlier at the begin is left out', index => (index === 0 ? 100 : 5), 0.1, 1, 10],
  // Between where it is two deviations away, 20 ln 10 = 46, and where it is a standard error away, 20 ln 400 = 120.
  ['a series that draws near is steady when it is there', index => 5 - 10 * Math.exp(-index / 20), 0.5, 46, 120],
];
for (const [what, course, noise, from, to] of known) {
  test(what, () => {
    for (let seed = 1; seed <= 20; seed++) {
      const point = truncationPoint(buildSeries(course, noise, seed)) ?? Number.NaN;
      assert.ok(point >= from && point <= to, `seed ${seed}: ${point}`);
    }
  });
}

test('noise rarely looks like a warm-up, and a series that grows to its end is never steady', () => {
  const points = Array.from({ length: 200 }, (_, seed) => truncationPoint(buildSeries(() => 5, 1, seed)));
  assert.ok(points.filter(point => point === undefined || point > 100).length <= 10, String(points));
  for (let seed = 1; seed <= 20; seed++)
    assert.equal(truncationPoint(buildSeries(index => index, 10, seed)), undefined);
});

test('the moment is found at which response times become as long as they stay', () => {
  for (const responses of [2000, 100_000, 3_000_000]) {
    const warmUp = new WarmUp();
    const random = new Random(responses);
    for (let index = 0; index < responses; index++) {
      const share = index / responses;
      warmUp.add(40 * share, (share < 0.25 ? 0.01 : 0.02) * (0.5 + random.next()));
    }
    const { steadyFrom } = warmUp;
    assert.ok(typeof steadyFrom === 'number' && Math.abs(steadyFrom - 10) < 0.11, `${steadyFrom} s`);
  }
});

test('fewer than 100 responses say nothing of a warm-up', () => {
  const warmUp = new WarmUp();
  for (let index = 0; index < 99; index++) warmUp.add(index, 1);
  assert.equal(warmUp.steadyFrom, undefined);
  warmUp.add(99, 1);
  assert.equal(warmUp.steadyFrom, 0);
});
