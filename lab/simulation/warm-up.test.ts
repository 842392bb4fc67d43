import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from './random.ts';
import { waitingAlone } from './service-model.ts';
import { simulateTrial } from './simulate-trial.ts';
import { trialOf } from './testdata/trials.ts';
import { truncationPoint, WarmUp } from './warm-up.ts';

/** A series of 400 values: a course and noise of so much. */
function seriesOf(course: (index: number) => number, noise: number, seed: number, correlation = 0): number[] {
  const random = new Random(seed);
  let error = 0;
  return Array.from({ length: 400 }, (_, index) => {
    error = correlation * error + Math.sqrt(1 - correlation ** 2) * random.normal();
    return course(index) + noise * error;
  });
}

const known: [what: string, course: (index: number) => number, noise: number, from: number, to: number][] = [
  ['what is steady from its begin has no warm-up', () => 5, 0, 0, 0],
  ['a leap without noise is found to the value', index => (index < 60 ? 1 : 5), 0, 60, 60],
  // Noise may make the first values after it look like a part of it.
  ['a series that leaps up is steady after the leap', index => (index < 60 ? 1 : 5), 0.5, 60, 70],
  ['a series that leaps down is steady after the leap', index => (index < 130 ? 9 : 5), 0.5, 130, 140],
  ['a single value that stands out is left out', index => (index === 0 ? 100 : 5), 0.1, 1, 10],
  // Between where it is two deviations away, 20 ln 10 = 46, and where it is a standard error away, 20 ln 400 = 120.
  ['a series that draws near is steady when it is there', index => 5 - 10 * Math.exp(-index / 20), 0.5, 46, 120],
];
for (const [what, course, noise, from, to] of known) {
  test(what, () => {
    for (let seed = 1; seed <= 20; seed++) {
      const point = truncationPoint(seriesOf(course, noise, seed)) ?? Number.NaN;
      assert.ok(point >= from && point <= to, `seed ${seed}: ${point}`);
    }
  });
}

test('noise without a warm-up rarely looks like one', () => {
  const points = Array.from({ length: 200 }, (_, seed) => truncationPoint(seriesOf(() => 5, 1, seed)));
  assert.ok(points.filter(point => point === undefined || point > 100).length <= 10, String(points));
});

test('a series that grows to its end is never steady', () => {
  for (let seed = 1; seed <= 20; seed++) assert.equal(truncationPoint(seriesOf(index => index, 10, seed)), undefined);
});

test('the point minimises the squared error of the mean of what is left', () => {
  const random = new Random(3);
  for (let round = 0; round < 50; round++) {
    const length = 20 + Math.floor(60 * random.next());
    const series = Array.from({ length }, (_, index) => random.exponential() + 3 * Math.exp(-index / 8));
    const errors = Array.from({ length: length - 4 }, (_, point) => {
      const left = series.slice(point);
      const mean = left.reduce((sum, value) => sum + value, 0) / left.length;
      return left.reduce((sum, value) => sum + (value - mean) ** 2, 0) / left.length ** 2;
    });
    const least = errors.indexOf(Math.min(...errors));
    assert.equal(truncationPoint(series), least <= length / 2 ? least : undefined);
  }
});

test('fewer than 20 values are refused', () => {
  assert.throws(() => truncationPoint(Array(19).fill(1)), { name: 'RangeError', message: /not in 19/ });
});

for (const responses of [2000, 100_000, 3_000_000]) {
  test(`of ${responses} responses the moment is found at which they become as long as they stay`, () => {
    const warmUp = new WarmUp();
    const random = new Random(responses);
    for (let index = 0; index < responses; index++) {
      const share = index / responses;
      warmUp.add(40 * share, (share < 0.25 ? 0.01 : 0.02) * (0.5 + random.next()));
    }
    const { steadyFrom } = warmUp;
    assert.ok(typeof steadyFrom === 'number' && Math.abs(steadyFrom - 10) < 0.11, `${steadyFrom} s`);
  });
}

test('a look at a few requests says nothing of a warm-up', () => {
  const warmUp = new WarmUp();
  for (let index = 0; index < 99; index++) warmUp.add(index, 1);
  assert.equal(warmUp.steadyFrom, undefined);
  warmUp.add(99, 1);
  assert.equal(warmUp.steadyFrom, 0);
});

const measured = (words: Parameters<typeof trialOf>[0]) =>
  simulateTrial(trialOf(words), waitingAlone, { cpus: 2, objective: 0.25 }).measurement.steadyFrom;

test('users who begin at once are steady from their second requests on', () => {
  // One worker: the first 50 requests wait for 0.02, 0.04, ... 1 s, and each one after them for 1 s.
  const load = { model: 'closed', users: 50, thinkTime: 0 } as const;
  const steadyFrom = measured({ topology: 'sync', processes: 1, load });
  assert.ok(typeof steadyFrom === 'number' && Math.abs(steadyFrom - 0.02) < 0.11, `${steadyFrom} s`);
});

test('an overload is never steady, a load that is carried is at once, and a burst has no steady state', () => {
  const phases = { warmUp: 2, steadyState: 20, timeLimit: 1e6 };
  const open = (arrivalRate: number) => ({ topology: 'sync', load: { model: 'open', arrivalRate }, phases }) as const;
  assert.equal(measured(open(150)), null);
  assert.equal(measured({ topology: 'sync', load: { model: 'burst', requests: 500 } }), undefined);
  const carried = measured(open(50));
  assert.ok(typeof carried === 'number' && carried < 2, `${carried} s`);
});
