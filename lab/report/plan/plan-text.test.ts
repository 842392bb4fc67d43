import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deploymentOf } from '../../../model/deployment.ts';
import type { StablePrediction } from '../../plan/capacity-model.ts';
import type { Plan } from '../../plan/plan.ts';
import { measuredMachine } from '../../plan/question.ts';
import type { Recommendation } from '../../plan/recommendation.ts';
import type { Sweep } from '../../plan/sweep.ts';
import { objective, wait } from '../../plan/testdata/fitted.ts';
import type { Supposed } from '../../plan/what-if.ts';
import { planText } from './plan-text.ts';
import { describeFailure, describePrediction, describeRecommendation, listPlanWarnings } from './plan-words.ts';

const each = { cpu: 0.8, workers: 0.7, 'database-connections': 0.9, nginx: 0.1 };
const ofComponents = { nginx: 1e7, workers: 1e8, postgres: 9e7, k6: 1e8 };

function stable(by: StablePrediction['by'], p50: number, p99: number): StablePrediction {
  const quantiles = { p50, p90: p99 / 2, p95: p99 / 1.5, p99 };
  return {
    ...{ state: 'stable', by, throughput: 1200, concurrency: 30, bottleneck: 'database-connections', saturation: 1300 },
    responseTime: { mean: p50, quantiles, atObjective: p99, overObjective: 0 },
    ...{
      utilisation: each,
      cpuShare: { nginx: 0.1, workers: 0.3, postgres: 0.1, k6: 0.3 },
      memory: ofComponents,
      met: true,
    },
  };
}

const capacity = (estimate: number) => ({ estimate, low: estimate * 0.94, high: estimate * 1.06 });
const async26 = deploymentOf('async', 1, { databaseConnections: 26 });
const threads27 = deploymentOf('threads', 1, { threadsPerProcess: 27 });

const best: Recommendation = {
  ...{ deployment: async26, machines: 1, prediction: stable('simulation', 0.0349, 0.0902) },
  capacity: { ...capacity(1240), bottleneck: 'database-connections' },
  ...{
    margin: 0.0333,
    error: 0.06,
    next: 'database-connections',
    memory: 166e6,
    memoryOfOne: 230e6,
    databaseConnections: 26,
  },
};
const second: Recommendation = {
  ...{ deployment: threads27, machines: 1, prediction: stable('formulas', 0.03, 0.211) },
  capacity: { ...capacity(1202), bottleneck: 'workers' },
  ...{ margin: 0.0017, error: 0.06, next: 'workers', memory: 700e6, memoryOfOne: 770e6, databaseConnections: 27 },
};
const plan: Plan = {
  question: {
    ...{ arrivalRate: 600, growth: 2, headroom: 0, objective, workload: wait },
    machine: { ...measuredMachine(4), memory: 4e9, databaseConnections: 100 },
  },
  ...{ required: 1200, recommendations: [best, second] },
  rejected: [
    { topology: 'async-express', kind: 'not-measured', reason: 'was not measured in this run' },
    {
      topology: 'sync',
      kind: 'too-small',
      deployment: { ...threads27, topology: 'sync' },
      capacity: 809,
      reason: 'gives out at about 809/s: the workers',
    },
  ],
  database: { byCpu: 20_500, byConnections: 4810 },
  restsOn: {
    ...{ run: 'pilot', runtime: 'local', trials: 58 },
    ...{ cells: ['wait on async-1x1-40', 'wait on threads-1x8-8'], assumed: ['how long CPU work takes'] },
  },
  extrapolations: [
    { quantity: 'cpus', asked: 4, measured: { least: 2, most: 2 }, factor: 2, tooFar: false },
    { quantity: 'workers', asked: 1, measured: { least: 2, most: 16 }, factor: 2, tooFar: false },
  ],
};
const kept = { deployment: async26, machines: 1 };
const whatIf: Supposed[] = [
  {
    ...{ state: 'answered', changes: [], plan },
    unchanged: { ...kept, capacity: 1240, margin: 0.03, prediction: stable('formulas', 0.03, 0.066) },
  },
  {
    ...{
      state: 'answered',
      changes: [{ quantity: 'database-wait', times: 2 }],
      plan: { ...plan, recommendations: [second] },
    },
    unchanged: {
      ...{ ...kept, capacity: 626, margin: -0.48 },
      prediction: { state: 'unstable', by: 'formulas', bottleneck: 'workers', capacity: 630, memory: ofComponents },
    },
  },
  { state: 'answered', changes: [{ quantity: 'memory', value: 8e8 }], plan: { ...plan, recommendations: [] } },
  {
    ...{ state: 'too-far', changes: [{ quantity: 'cpus', value: 16 }] },
    extrapolations: [{ quantity: 'cpus', asked: 16, measured: { least: 2, most: 2 }, factor: 8, tooFar: true }],
  },
];

const point = (value: number, estimate: number): Sweep['points'][number] =>
  ({
    state: 'predicted',
    ...{ value, arrivalRate: 1200, deployment: { ...async26, databaseConnections: value } },
    capacity: { ...capacity(estimate), bottleneck: 'database-connections' },
    prediction:
      estimate > 1200
        ? stable('formulas', 0.03, 0.08)
        : { state: 'unstable', by: 'formulas', bottleneck: 'cpu', capacity: estimate, memory: ofComponents },
  }) as const;
const sweep: Sweep = {
  ...{ quantity: 'processes', deployment: async26, machines: 1 },
  points: [
    point(10, 480),
    point(50, 2400),
    { state: 'impossible', value: 60, reason: 'async is one process, not 60' },
    { state: 'too-far', value: 70, extrapolations: [] },
  ],
  check: { value: 50, formulas: 2400, simulation: 2352 },
};

function print(answer: Partial<Parameters<typeof planText>[0]>): string {
  return planText({ schema: 1, met: true, plan, warnings: [], ...answer }, { width: 80, run: 'RUN' });
}

test('the answer for a terminal of 80 columns, with a what-if and a sweep', () => {
  const path = join(import.meta.dirname, 'testdata/plan.txt');
  const printed = `${print({ warnings: ['The margin is small.'], whatIf, sweep })}\n`;
  if (process.argv.includes('--update')) writeFileSync(path, printed);
  assert.equal(printed, readFileSync(path, 'utf8'));
});

test('of several machines memory, connections and capacity are added up', () => {
  const three = { ...best, machines: 3, memory: 5e8 };
  assert.equal(
    describeRecommendation(three),
    'Run 3 × async-1x1-26: 1 event loop and 26 database connections on each machine, 500 MB of memory in all.',
  );
  assert.match(
    describePrediction(three, plan),
    /p99 is 90\.2 ms\. The capacity of 3 machines is 3,720\/s, 3\.3 % above/,
  );
  const printed = print({ plan: { ...plan, recommendations: [three] } });
  assert.match(printed, /capacity +3,720\/s by 3 machines, 95 % interval 3,500–3,940/);
  assert.match(printed, /\n3 × async-1x1-26 +500 /);
});

const failures: [name: string, plan: Plan, nearest: RegExp][] = [
  ['too small a capacity', unmet(900), /async-1x1-26 carries 900\/s, 25 % less/],
  ['an objective that is missed', unmet(1300), /async-1x1-26 carries 1,300\/s, but misses/],
  ['a full database', { ...unmet(900), database: { byCpu: 1000, byConnections: 4810 } }, /Postgres .* 800\/s at most/],
  ['nothing to compare with', { ...unmet(0), rejected: [] }, /^No deployment .* 1,200\/s\.$/],
];
for (const [name, failed, nearest] of failures) {
  test(`no deployment meets the objective: ${name}`, () => assert.match(describeFailure(failed), nearest));
}

function unmet(capacity: number): Plan {
  const rejected = [{ topology: 'async', kind: 'too-small', deployment: async26, capacity, reason: '' } as const];
  return { ...plan, recommendations: [], rejected };
}

test('a margin within the error, a simulated run and a guess are warned of', () => {
  assert.match(listPlanWarnings(plan).join(), /^The margin \(\+3\.3 %\) is within .* \(6\.0 %\).* headroom of 10 %/);
  assert.equal(listPlanWarnings({ ...plan, recommendations: [{ ...best, margin: 0.07 }] }).length, 0);
  const far = plan.extrapolations.map(one => ({ ...one, tooFar: true }));
  const simulated = { ...plan, restsOn: { ...plan.restsOn, runtime: 'simulated' }, extrapolations: far };
  assert.equal(listPlanWarnings(simulated).length, 3);
});

test('a score is printed for each figure', () => {
  const errors = { median: 0.031, most: 0.12 };
  const figures = [{ figure: 'capacity', predictions: 6, plain: errors, beyond: { median: 0, most: 0.04 } }] as const;
  const score = { by: 'held out', figures, fittedTo: ['a'], predicted: ['b'] } as const;
  const printed = print({ plan: { ...plan, restsOn: { ...plan.restsOn, score } } });
  assert.match(printed, /\nmodel error +capacity 3 % \(median of 6\), at most 12 %/);
});
