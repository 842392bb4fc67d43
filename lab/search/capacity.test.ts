import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrialResult } from '../../model/measurement.ts';
import { findCapacity } from './capacity.ts';
import { buildLoadCurve, findBracket } from './load-curve.ts';
import { seededRandom } from './seeded.ts';
import { experimentWith, trialAt, waitOn } from './testdata/cells.ts';
import { nothingMeasured, simulate } from './testdata/simulated-service.ts';

const cell = waitOn('sync');
const experiment = experimentWith([cell]);
const { objective } = experiment;

/** A look at a service time of 21 ms, by two workers. */
const light = simulate(
  { ...trialAt(20, cell), purpose: 'light' },
  { serviceTime: 0.021, cpuPerRequest: 0.0001, cpus: 2 },
  experiment,
);

/** Trials at these loads: `'90+'` was carried, `'100-'` was not. */
function trials(...loads: string[]): TrialResult[] {
  return loads.map(load => {
    const measurement = { ...nothingMeasured(0.25), scored: 1000, stoppedEarly: load.endsWith('-') };
    return { state: 'completed', trial: trialAt(Number.parseFloat(load), cell), elapsed: 14, measurement };
  });
}

const brackets: [what: string, loads: string[], low: number | undefined, high: number | undefined][] = [
  ['lies between the highest load carried and the lowest that was not', ['50+', '90+', '110-', '100-'], 90, 100],
  ['has no upper end while nothing has failed', ['50+', '90+'], 90, undefined],
  ['has no lower end while nothing was carried', ['50-', '20-'], undefined, 20],
  ['holds a pass above a fail when it cannot tell which to believe', ['80+', '90-', '100+', '110-'], 80, 110],
  ['passes over a fail that most others contradict', ['80+', '90-', '100+', '110+', '120-'], 110, 120],
  ['holds a load that failed once and passed once', ['80+', '100-', '100+', '120-'], 80, 120],
  ['has no ends when all passes are above all fails', ['90-', '100+'], undefined, undefined],
];
for (const [what, loads, low, high] of brackets) {
  test(`a bracket ${what}`, () => {
    const bracket = findBracket(buildLoadCurve(cell, trials(...loads), objective));
    assert.deepEqual([bracket.low, bracket.high], [low, high]);
  });
}

test('a bracket never turns round, whatever the verdicts were', () => {
  const random = seededRandom(3);
  for (let round = 0; round < 500; round++) {
    const loads = Array.from({ length: 5 }, () => `${Math.ceil(random() * 100)}${random() < 0.5 ? '+' : '-'}`);
    const { low, high } = findBracket(buildLoadCurve(cell, trials(...loads), objective));
    assert.ok(low === undefined || high === undefined || low < high, loads.join(' '));
  }
});

test('other cells and light trials are no part of a curve', () => {
  const lights = trials('500+').map(result => ({ ...result, trial: { ...result.trial, purpose: 'light' as const } }));
  const others = trials('600+').map(result => ({ ...result, trial: { ...result.trial, cell: waitOn('async') } }));
  const curve = buildLoadCurve(cell, [...lights, ...others, ...trials('50+')], objective);
  assert.deepEqual(
    curve.map(({ arrivalRate }) => arrivalRate),
    [50],
  );
});

const failed: TrialResult = {
  ...{ state: 'failed', trial: trialAt(100, cell), elapsed: 1 },
  error: { code: 'k6-failed', message: 'k6 ended before the load did' },
};
const states: [what: string, results: TrialResult[], state: string][] = [
  ['missed loads, and more to try', trials('50-', '20-'), 'unmeasured'],
  ['missed loads, and no more to try', trials('50-', '20-', '8-', '3-', '1-'), 'none'],
  ['failed trials above a load that was carried', [...trials('80+'), failed, failed, failed], 'at-least'],
  ['failed trials beside a bracket', [light, ...trials('80+', '90-'), failed, failed, failed], 'bracketed'],
];
for (const [what, results, state] of states) {
  test(`the capacity of a cell with ${what} is ${state}`, () => {
    assert.equal(findCapacity(cell, results, experiment).state, state);
    assert.equal(findCapacity(cell, results, { ...experiment, capacity: false }).state, 'unmeasured');
  });
}

for (const verdicts of ['FP', 'FFP', 'FPF', 'FPFPF', 'PFFFP']) {
  test(`trials that contradict each other (${verdicts} by load) widen the interval, and say something all the same`, () => {
    const loads = [...verdicts].map((verdict, index) => `${70 + 6 * index}${verdict === 'P' ? '+' : '-'}`);
    const capacity = findCapacity(cell, [light, ...trials(...loads)], experiment);
    assert.ok(capacity.state === 'bracketed' && capacity.low < capacity.estimate && capacity.estimate < capacity.high);
    assert.ok(capacity.high < 300, JSON.stringify(capacity));
  });
}
