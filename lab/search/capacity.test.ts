import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrialResult } from '../../model/measurement.ts';
import { capacityOf } from './capacity.ts';
import { bracketOf, loadCurveOf } from './load-curve.ts';
import { seededRandom } from './seeded.ts';
import { experimentOf, trialAt, waitOn } from './testdata/cells.ts';
import { nothingMeasured, simulate } from './testdata/simulated-service.ts';

const cell = waitOn('sync');
const experiment = experimentOf([cell]);
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

const cases: [what: string, loads: string[], low: number | undefined, high: number | undefined][] = [
  ['lies between the highest load carried and the lowest that was not', ['50+', '90+', '110-', '100-'], 90, 100],
  ['has no upper end while nothing has failed', ['50+', '90+'], 90, undefined],
  ['has no lower end while nothing was carried', ['50-', '20-'], undefined, 20],
  ['holds a pass above a fail when it cannot tell which to believe', ['80+', '90-', '100+', '110-'], 80, 110],
  ['passes over a fail that most others contradict', ['80+', '90-', '100+', '110+', '120-'], 110, 120],
  ['holds a load that failed once and passed once', ['80+', '100-', '100+', '120-'], 80, 120],
  ['has no ends when all passes are above all fails', ['90-', '100+'], undefined, undefined],
];
for (const [what, loads, low, high] of cases) {
  test(`a bracket ${what}`, () => {
    const bracket = bracketOf(loadCurveOf(cell, trials(...loads), objective));
    assert.deepEqual([bracket.low, bracket.high], [low, high]);
  });
}

test('a bracket never turns round, whatever the verdicts were', () => {
  const random = seededRandom(3);
  for (let round = 0; round < 500; round++) {
    const loads = Array.from({ length: 5 }, () => `${Math.ceil(random() * 100)}${random() < 0.5 ? '+' : '-'}`);
    const { low, high } = bracketOf(loadCurveOf(cell, trials(...loads), objective));
    assert.ok(low === undefined || high === undefined || low < high, loads.join(' '));
  }
});

test('other cells and light trials do not count', () => {
  const light = trials('500+').map(result => ({ ...result, trial: { ...result.trial, purpose: 'light' as const } }));
  const other = trials('600+').map(result => ({ ...result, trial: { ...result.trial, cell: waitOn('async') } }));
  const curve = loadCurveOf(cell, [...light, ...other, ...trials('50+')], objective);
  assert.deepEqual(
    curve.map(({ arrivalRate }) => arrivalRate),
    [50],
  );
});

test('a cell of which no load was found that it carries is unmeasured until its trials are used up, then none', () => {
  assert.equal(capacityOf(cell, trials('50-', '20-'), experiment).state, 'unmeasured');
  assert.equal(capacityOf(cell, trials('50-', '20-', '8-', '3-', '1-'), experiment).state, 'none');
});

for (const verdicts of ['FP', 'FFP', 'FPF', 'FPFPF', 'PFFFP']) {
  test(`trials that contradict each other widen the interval, and are no reason to say nothing: ${verdicts} by load`, () => {
    const loads = [...verdicts].map((verdict, index) => `${70 + 6 * index}${verdict === 'P' ? '+' : '-'}`);
    const capacity = capacityOf(cell, [light, ...trials(...loads)], experiment);
    assert.ok(capacity.state === 'bracketed' && capacity.low < capacity.estimate && capacity.estimate < capacity.high);
    assert.ok(capacity.high < 300, JSON.stringify(capacity));
  });
}

test('a capacity is not searched for where the experiment does not ask', () => {
  const capacity = capacityOf(cell, trials('50+', '90-'), { ...experiment, capacity: false });
  assert.deepEqual(capacity, { state: 'unmeasured', reason: 'the experiment does not ask for capacities' });
});

test('trials that fail leave what the others found', () => {
  const [failing] = trials('100+');
  assert.ok(failing);
  const error = { code: 'k6-failed', message: 'k6 ended before the load did' };
  const failed: TrialResult = { state: 'failed', trial: failing.trial, elapsed: 1, error };
  const capacity = capacityOf(cell, [light, ...trials('80+', '90-'), failed, failed, failed], experiment);
  assert.equal(capacity.state, 'bracketed');
  const atLeast = capacityOf(cell, [...trials('80+'), failed, failed, failed], experiment);
  assert.deepEqual(atLeast, { state: 'at-least', low: 80, limitedBy: 'failures' });
});
