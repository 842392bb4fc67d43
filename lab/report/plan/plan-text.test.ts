import assert from 'node:assert/strict';
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
const text = (answer: Partial<Parameters<typeof planText>[0]>, width = 80) =>
  planText({ schema: 1, met: true, plan, warnings: [], ...answer }, { width });

test('the answer for a terminal of 80 columns', () => {
  assert.equal(
    text({ warnings: ['The margin is small.'] }),
    `Run async-1x1-26 on one machine: one process with one event loop, 26 database
  connections; 166 MB of memory.

asked            1200/s of wait (GET /wait?ms=20), 2 times the 600/s of today
machine          4 CPUs, 4 GB of memory, 100 database connections; the load
                 generator on it, as measured
predicted        p50 34.9 ms, p99 90.2 ms at 1200/s; objective p99 ≤ 250 ms
capacity         1240/s, 95 % interval 1170..1310
margin           +3.3 % against the 1200/s that are required
gives out first  the database connections

The smallest of each topology, least memory first, then fewest connections; the
  first is simulated, others by formulas:

deployment       memory     database   p99  capacity  margin    gives out
                   (MB)  connections  (ms)     (1/s)                first
─────────────────────────────────────────────────────────────────────────
async-1x1-26        166           26  90.2      1240  +3.3 %  connections
threads-1x27-27     700           27   211      1200  +0.2 %      workers

Not these:
  async-express was not measured in this run: ./loadline compare FILE, with it
    in FILE, measures it
  sync (up to sync-1x27-27) gives out at about 809/s: the workers

one Postgres  its CPUs give out at 20500/s, with 4 CPUs of its own; its 100
              connections at 4810/s
rests on      58 trials of 2 cells of pilot (local)
beyond them   a machine of 4 CPUs, 2 times the most that was measured (2 CPUs);
              a deployment of 1 worker, 1/2 of the least (2 to 16 workers)
assumed       how long CPU work takes: as on another machine
model error   not scored yet: ./loadline plan RUN --score

! The margin is small.`,
  );
});

test('several machines are told with what all of them need and carry', () => {
  const three = { ...best, machines: 3, memory: 5e8 };
  const printed = text({ plan: { ...plan, recommendations: [three] } });
  assert.match(printed, /^Run async-1x1-26 on each of 3 machines: .*\n.*500 MB of memory in all\./);
  assert.match(printed, /capacity +3720\/s by 3 machines, 95 % interval 3500\.\.3940/);
  assert.match(printed, /\n3 × async-1x1-26 +500 /);
});

test('when nothing meets the objective that is said first, with what comes nearest', () => {
  const nearest = { deployment: async26, capacity: 900, reason: 'gives out' };
  const printed = text({ met: false, nearest, plan: { ...plan, recommendations: [] } });
  assert.match(
    printed,
    /^Nothing that was thought of meets p99 ≤ 250 ms with a capacity of 1200\/s\.\s+Nearest comes async-1x1-26 with 900\/s, 25 % less\.\n\nasked/,
  );
  assert.doesNotMatch(printed, /predicted/);
});

test('a score is told for each figure that was scored', () => {
  const errors = { median: 0.031, most: 0.12 };
  const figures = [{ figure: 'capacity', predictions: 6, plain: errors, beyond: { median: 0, most: 0.04 } }] as const;
  const score = { by: 'held out', figures, fittedTo: ['a'], predicted: ['b'] } as const;
  assert.match(
    text({ plan: { ...plan, restsOn: { ...plan.restsOn, score } } }),
    /\nmodel error +capacity 3 % in the median of 6 predictions, 12 % at most/,
  );
});

test('suppositions are a row each, with what the deployment that was best does then', () => {
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
  const printed = text({ whatIf });
  assert.ok(
    printed.includes(`What changes, by formulas, all machines together; if kept: what async-1x1-26
  does then:

supposing               best then  capacity   p99    gives out    if kept   its p99
                                      (1/s)  (ms)        first      (1/s)      (ms)
───────────────────────────────────────────────────────────────────────────────────
as asked             async-1x1-26      1240  90.2  connections       1240        66
database-wait 2x  threads-1x27-27      1200   211      workers        626  unstable
memory 800 MB                none       809     –            –  cannot be         –
cpus 16                   too far         –     –            –          –         –

cpus 16 is too far: a machine of 16 CPUs, 8 times the most that was measured (2
  CPUs)
`),
    printed,
  );
});

test('a sweep is a row with a bar a value, in characters that every terminal has', () => {
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
  const printed = text({ sweep });
  assert.ok(
    printed.includes(`async-1x1-26 by processes, by formulas (█ capacity, │ the load that is asked,
  1200/s):

processes  capacity        95 %       p99  memory    gives out
              (1/s)    interval      (ms)    (MB)        first
─────────────────────────────────────────────────────────────────────────────
       10       480    451..509  unstable     200  connections  ███    │
       50      2400  2260..2540        80     200  connections  ███████│█████
       60  async is one process, not 60
       70  too far beyond what was measured: --extrapolate

Simulated at processes 50: 2350/s, 2.0 % from the formulas.
`),
    printed,
  );
  for (const character of printed) assert.ok(character !== '\u001b');
});
