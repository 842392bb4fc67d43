import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Extrapolation } from '../../../lab/plan/extrapolation.ts';
import type { Plan } from '../../../lab/plan/plan.ts';
import type { Recommendation, Rejection } from '../../../lab/plan/recommendation.ts';
import { deploymentOf } from '../../../model/deployment.ts';
import { signedPercent } from '../../../model/quantities.ts';
import { usualInputs } from './inputs.ts';
import {
  extrapolationWords,
  limitSentence,
  marginNote,
  orderWords,
  rejectionWords,
  scoreSentence,
  sentenceOf,
} from './plan-words.ts';
import { questionOf } from './question-of.ts';
import { fittedToTwo } from './testdata/fitted.ts';

const hybrid: Recommendation = {
  deployment: deploymentOf('hybrid', 2, { databaseConnections: 24 }),
  machines: 1,
  prediction: {
    state: 'stable',
    by: 'formulas',
    responseTime: {
      mean: 0.025,
      quantiles: { p50: 0.024, p90: 0.03, p95: 0.033, p99: 0.038 },
      atObjective: 0.038,
      overObjective: 0,
    },
    throughput: 400,
    concurrency: 10,
    utilisation: { cpu: 0.4, workers: 0.1, 'database-connections': 0.35, nginx: 0.05 },
    cpuShare: { nginx: 0.1, workers: 0.1, postgres: 0.1, k6: 0.1 },
    memory: { nginx: 1e7, workers: 1.4e8, postgres: 1e8, k6: 0 },
    bottleneck: 'database-connections',
    saturation: 1150,
    met: true,
  },
  capacity: { estimate: 1100, low: 1000, high: 1210, bottleneck: 'database-connections' },
  margin: 0.375,
  error: 0.1,
  next: 'database-connections',
  memory: 2.5e8,
  memoryOfOne: 2.5e8,
  databaseConnections: 24,
};

function planWith(recommendations: readonly Recommendation[]): Plan {
  return {
    question: questionOf(usualInputs(fittedToTwo), fittedToTwo),
    required: 800,
    recommendations,
    rejected: [],
    database: { byCpu: 5000, byConnections: Number.POSITIVE_INFINITY },
    restsOn: { run: 'quick', runtime: 'local', trials: 24, cells: [], assumed: [] },
    extrapolations: [],
  };
}

const sentences: readonly (readonly [name: string, plan: Plan, sentence: string])[] = [
  [
    'one machine',
    planWith([hybrid]),
    'Run hybrid with 2 event loops and 24 database connections: at 400/s p99 is 38 ms, and it carries 1,100/s, 38 % more than is required.',
  ],
  [
    'several machines',
    planWith([{ ...hybrid, machines: 3 }]),
    'Run hybrid with 2 event loops and 24 database connections, on each of 3 machines: at 400/s p99 is 38 ms, and together they carry 3,300/s, 38 % more than is required.',
  ],
  [
    'blocking workers, whose connections are as many as they',
    planWith([{ ...hybrid, deployment: deploymentOf('sync', 9) }]),
    'Run sync with 9 blocking processes: at 400/s p99 is 38 ms, and it carries 1,100/s, 38 % more than is required.',
  ],
  [
    'a margin within the error',
    planWith([{ ...hybrid, margin: 0.001 }]),
    'Run hybrid with 2 event loops and 24 database connections: at 400/s p99 is 38 ms, and it carries 1,100/s, just what is required. The model may be off by 10 %: that margin is none.',
  ],
  [
    'a margin below none',
    planWith([{ ...hybrid, margin: -0.034 }]),
    'Run hybrid with 2 event loops and 24 database connections: at 400/s p99 is 38 ms, and it carries 1,100/s, 3 % less than is required. It falls short, and the model may be off by 10 % either way.',
  ],
  [
    'a margin that is hardly below none',
    planWith([{ ...hybrid, margin: -0.001 }]),
    'Run hybrid with 2 event loops and 24 database connections: at 400/s p99 is 38 ms, and it carries 1,100/s, just below what is required. It falls short, and the model may be off by 10 % either way.',
  ],
  [
    'nothing that carries it',
    planWith([]),
    'Nothing of what was measured carries 800/s here. The one Postgres carries 5,000/s by the CPUs of its machine, whatever stands before it.',
  ],
];
for (const [name, plan, sentence] of sentences) {
  test(`the answer for ${name}`, () => assert.equal(sentenceOf(plan, fittedToTwo.topologies), sentence));
}

test('a database of which nothing is asked limits nothing', () => {
  const endless = Number.POSITIVE_INFINITY;
  assert.equal(limitSentence({ byCpu: endless, byConnections: endless }), 'Nothing of this is asked of the database.');
  assert.equal(
    limitSentence({ byCpu: 5000, byConnections: 4000 }),
    'The one Postgres carries 5,000/s by the CPUs of its machine and 4,000/s by its connections, whatever stands before it.',
  );
});

const margins: readonly (readonly [margin: number, shown: string, note: string | undefined])[] = [
  [-0.12, '−12 %', 'falls short'],
  [-0.004, '−0.4 %', 'falls short'],
  [0, '+0.0 %', 'within the error'],
  [0.036, '+3.6 %', 'within the error'],
  [0.1, '+10 %', undefined],
  [1.234, '+123 %', undefined],
];
for (const [margin, shown, note] of margins) {
  test(`a margin of ${margin} where the model may be off by a tenth: ${shown}, ${note ?? 'enough'}`, () => {
    assert.equal(signedPercent(margin), shown);
    assert.equal(marginNote({ margin, error: 0.1 }), note);
  });
}

test('where only the first is simulated the table says so', () => {
  const simulated = { ...hybrid, prediction: { ...hybrid.prediction, by: 'simulation' } } as const;
  const order = 'Deployments that meet the objective, best first: fewest machines, least memory, fewest connections';
  assert.equal(orderWords(planWith([hybrid, hybrid])), order);
  assert.equal(orderWords(planWith([simulated])), order);
  assert.equal(orderWords(planWith([simulated, hybrid])), `${order}; the first is simulated, others are by formulas`);
});

const beyond: readonly (readonly [Extrapolation, string])[] = [
  [
    { quantity: 'cpus', asked: 16, measured: { least: 2, most: 2 }, factor: 8, tooFar: true },
    'a machine of 16 CPUs, 8 times the most that was measured (2 CPUs): too far, beyond the 4 times to which the model is trusted',
  ],
  [
    { quantity: 'database wait', asked: 0.05, measured: { least: 0.01, most: 0.02 }, factor: 2.5, tooFar: false },
    'a database wait of 50 ms, 2.5 times the most that was measured (10 to 20 ms): within the 5 times to which the model is trusted',
  ],
  [
    {
      quantity: 'topology',
      asked: 'async-express',
      measured: ['fastify'],
      factor: Number.POSITIVE_INFINITY,
      tooFar: true,
    },
    'async-express: of it nothing was measured, only fastify',
  ],
];
for (const [extrapolation, words] of beyond) {
  test(`${extrapolation.quantity} beyond what was measured`, () => {
    assert.equal(extrapolationWords(extrapolation), words);
  });
}

const rejections: readonly (readonly [Rejection, string])[] = [
  [
    {
      topology: 'sync',
      kind: 'too-small',
      deployment: deploymentOf('sync', 40),
      capacity: 620,
      reason: 'gives out at about 620/s: the CPUs',
    },
    '(up to sync-40x1-40) gives out at about 620/s: the CPUs',
  ],
  [
    {
      topology: 'hybrid',
      kind: 'no-memory',
      needs: hybrid.deployment,
      reason: 'needs 250 MB of memory, and a machine has 200 MB',
    },
    'as hybrid-2x1-24 needs 250 MB of memory, and a machine has 200 MB',
  ],
  [
    { topology: 'async-express', kind: 'not-measured', reason: 'was not measured in this run' },
    'was not measured in this run: ./loadline compare FILE, with it in FILE, measures it',
  ],
];
for (const [rejection, words] of rejections) {
  test(`a rejected topology: ${rejection.kind}`, () => assert.equal(rejectionWords(rejection), words));
}

test('a score is told with what it rests on', () => {
  const errors = { median: 0.04, most: 0.11 };
  const sentence = scoreSentence({
    by: 'held out',
    figures: [
      { figure: 'capacity', predictions: 2, plain: errors, beyond: errors },
      { figure: 'p99', predictions: 2, plain: { median: 0.2, most: 0.3 }, beyond: errors },
    ],
    fittedTo: ['wait on sync-2x1-2'],
    predicted: ['wait on sync-4x1-4', 'wait on hybrid-2x1-10'],
  });
  assert.equal(
    sentence,
    'Held against 2 cells that it had not seen, the model was off by: capacity 4 % in the median and 11 % at most and p99 20 % in the median and 30 % at most.',
  );
});
