import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../search/seeded.ts';
import type { Model, Point } from './curve-problem.ts';
import { leastSquares } from './least-squares.ts';

const saturating: Model = parameters => x => at(parameters, 0) * (1 - Math.exp(-at(parameters, 1) * x));
const line: Model = parameters => x => at(parameters, 0) + at(parameters, 1) * x;

test('a certified fit is met from both of its starts: Misra1a', () => {
  // NIST Statistical Reference Datasets, nonlinear regression, Misra1a, with its certified values.
  const x = [77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760];
  const y = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78];
  const points = x.map((each, i) => ({ x: each, y: at(y, i) }));
  for (const start of [
    [500, 0.0001],
    [250, 0.0005],
  ]) {
    const fit = leastSquares(points, saturating, start);
    allClose(fit.parameters, [2.3894212918e2, 5.5015643181e-4], 1e-6);
    allClose(fit.standardErrors, [2.7070075241, 7.2668688436e-6], 1e-6);
    allClose([fit.residualStandardError], [1.018787633e-1], 1e-8);
    assert.equal(fit.degreesOfFreedom, 12);
  }
});

test('a straight line is that of ordinary least squares, with its standard errors', () => {
  // By hand: slope 4/5, intercept 1/2, Σ residual² = 1.8, s² = 0.9, Σ (x − x̄)² = 5, x̄ = 2.5.
  const points = [1, 2, 3, 4].map((x, i) => ({ x, y: [1, 3, 2, 4][i] ?? Number.NaN }));
  const fit = leastSquares(points, line, [1, 1]);
  allClose(fit.parameters, [0.5, 0.8], 1e-8);
  allClose(fit.standardErrors, [Math.sqrt(0.9 * (1 / 4 + 2.5 ** 2 / 5)), Math.sqrt(0.9 / 5)], 1e-8);
  allClose([fit.residualStandardError], [Math.sqrt(0.9)], 1e-8);
});

test('a point of weight 2 counts as two points', () => {
  const points = [1, 2, 3, 4].map((x, i) => ({ x, y: [1, 3, 2, 4][i] ?? Number.NaN }));
  const weighed = leastSquares(points, line, [1, 1], { weights: [1, 2, 1, 1] });
  const repeated = leastSquares([...points, { x: 2, y: 3 }], line, [1, 1]);
  allClose(weighed.parameters, repeated.parameters, 1e-8);
});

test('parameters are found again from points on their curve, at any size and from a start far away', () => {
  const random = seededRandom(31);
  for (let round = 0; round < 60; round++) {
    const truth = [10 ** (6 * random() - 3), 10 ** (6 * random() - 3)];
    const points = Array.from({ length: 12 }, (_, i) => on(saturating, truth, (0.3 * (i + 1)) / at(truth, 1)));
    const start = truth.map(value => value * (0.4 + 2 * random()));
    const fit = leastSquares(points, saturating, start);
    allClose(fit.parameters, truth, 1e-6);
    assert.ok(fit.residualStandardError <= 1e-6 * at(truth, 0));
  }
});

test('a parameter at its limit leaves the others at their best', () => {
  const points = [1, 2, 3, 4].map((x, i) => ({ x, y: [1, 3, 2, 4][i] ?? Number.NaN }));
  // With an intercept of 0 the slope is Σ x y ÷ Σ x² = 29 ÷ 30; with a slope of 0.5 the intercept is 2.5 − 1.25.
  allClose(leastSquares(points, line, [-1, 1], { maximum: [0, 9] }).parameters, [0, 29 / 30], 1e-8);
  allClose(leastSquares(points, line, [1, 0.2], { maximum: [9, 0.5] }).parameters, [1.25, 0.5], 1e-8);
  allClose(leastSquares(points, line, [2, 2], { minimum: [1, 1] }).parameters, [1, 1], 1e-12);
});

test('two standard errors hold the truth as often as they should', () => {
  const random = seededRandom(32);
  const noise = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let held = 0;
  const rounds = 300;
  for (let round = 0; round < rounds; round++) {
    const points = Array.from({ length: 30 }, (_, i) => on(saturating, [100, 0.1], i + 1)).map(({ x, y }) => ({
      x,
      y: y + noise(),
    }));
    const { parameters, standardErrors } = leastSquares(points, saturating, [80, 0.2]);
    // t(0.975, 28) = 2.048
    if (Math.abs(at(parameters, 1) - 0.1) <= 2.048 * at(standardErrors, 1)) held++;
  }
  // 0.95 ± 3 deviations of a share of 300.
  assert.ok(Math.abs(held / rounds - 0.95) < 0.038, `${held} of ${rounds}`);
});

test('what cannot be fitted is refused', () => {
  const points = [1, 2, 3].map(x => ({ x, y: x }));
  const refused: [string, readonly Point[], readonly number[], Parameters<typeof leastSquares>[3], RegExp][] = [
    ['too few points', points.slice(0, 2), [1, 1], {}, /need at least 3 points: 2/],
    ['no parameter', points, [], {}, /need at least/],
    ['a y that is not finite', [...points, { x: 4, y: Number.NaN }], [1, 1], {}, /finite numbers: NaN/],
    ['an x that is not finite', [...points, { x: Infinity, y: 1 }], [1, 1], {}, /finite numbers: Infinity/],
    ['a start that is not finite', points, [Number.NaN, 1], {}, /finite numbers: NaN/],
    ['a weight of 0', points, [1, 1], { weights: [1, 0, 1] }, /weight has to be a number above 0: 0/],
    ['a weight too few', points, [1, 1], { weights: [1, 1] }, /a weight for each point/],
    ['limits that leave nothing', points, [1, 1], { minimum: [0, 2], maximum: [1, 1] }, /below the largest/],
    ['one place only', [1, 2, 3].map(y => ({ x: 7, y })), [1, 1], {}, /do not determine every parameter/],
  ];
  for (const [what, some, start, options, message] of refused) {
    assert.throws(() => leastSquares(some, line, start, options), { name: 'RangeError', message }, what);
  }
  const useless: Model = () => () => Number.NaN;
  assert.throws(() => leastSquares(points, useless, [1]), RangeError);
  const idle: Model = parameters => () => at(parameters, 0);
  assert.throws(() => leastSquares(points, idle, [1, 1]), /do not determine every parameter/);
});

function on(model: Model, parameters: readonly number[], x: number): Point {
  return { x, y: model(parameters)(x) };
}

function at(values: readonly number[], i: number): number {
  return values[i] ?? Number.NaN;
}

function allClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(at(actual, i) - value) <= tolerance * Math.abs(value), `${actual} are not ${expected}`);
  }
}
