import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import type { TopologyName } from '../../model/topology.ts';
import type { ComparedCell, Comparison } from '../compare/comparison.ts';
import type { Capacity } from '../search/capacity.ts';
import { headlineOf, shownRequests } from './sentences.ts';
import { summaryOf } from './summary.ts';
import { tableOf } from './table.ts';

function cell(topology: TopologyName, capacity: Capacity, given: Partial<ComparedCell> = {}): ComparedCell {
  const deployment = deploymentOf(topology, 2);
  return {
    workload: 'wait',
    deployment,
    workers: deployment.processes * deployment.threadsPerProcess,
    capacity,
    bottleneck: {
      ...{
        resource: null,
        utilisation: 0.5,
        cause: 'unexplained',
        sentence: 'stops at 90/s because both workers are busy',
      },
      ...{ help: null, at: null, above: null },
    },
    responseTime: { arrivalRate: 50, p50: 0.02123, p99: 0.0567 },
    serviceDemand: { nginx: 0.0000412, workers: 0.000213, postgres: 0.00006, k6: 0.000671 },
    capacityByBlock: {},
    memory: { nginx: 8e6, workers: 70_400_000, postgres: 9e7, k6: 4e7 },
    trials: 4,
    invalidTrials: 0,
    ...given,
  };
}

const bracketed = (estimate: number): Capacity => ({
  state: 'bracketed',
  estimate,
  low: estimate * 0.93,
  high: estimate * 1.07,
  interval: 'model',
});

const comparison: Comparison = {
  schema: 1,
  experiment: 'quick',
  runtime: 'local',
  seed: 7,
  environment: {},
  objective: { quantile: 0.99, responseTime: 0.25, errorFraction: 0.001 },
  cells: [
    cell('sync', bracketed(89.1)),
    cell(
      'threads',
      { state: 'unmeasured', reason: 'k6 ended before the load did' },
      {
        ...{ bottleneck: null, responseTime: null, serviceDemand: null, memory: null },
      },
    ),
    cell('async', { state: 'at-least', low: 1234.5, limitedBy: 'generator' }),
    cell('hybrid', bracketed(1310)),
  ],
  ratios: [],
  bestSizes: [],
  loads: [],
  claims: [],
  warnings: [{ kind: 'no-ratios', message: 'No ratio is given.' }],
};

test('limits of containers are rows of the table and of the summary, and a limited deployment has its full name', () => {
  const containers = { workers: { cpus: 0.6, cpuset: '0-1', memory: 400e6 }, postgres: { cpus: 1 } };
  const deployment = deploymentOf('hybrid', 2, { containers });
  const cells = [cell('sync', bracketed(89.1)), cell('hybrid', bracketed(300), { deployment })];
  for (const text of [tableOf({ ...comparison, cells }), summaryOf({ ...comparison, cells })]) {
    assert.match(text, /hybrid-2x1-40-w600m-set0-1-400mb-p1000m/);
    assert.match(text, /limits of workers .*–.* 0.6 CPUs, CPUs 0-1, 400 MB/);
    assert.match(text, /postgres .*–.* 1 CPU\b/);
    assert.doesNotMatch(text, /limits of nginx|… nginx.*CPU/);
  }
  assert.doesNotMatch(tableOf(comparison), /limits/);
});

test('the table says what carries most, gives every figure with its unit, and says what stopped each', () => {
  assert.equal(
    tableOf(comparison),
    `At p99 ≤ 250 ms, errors ≤ 0.1 %:
wait: hybrid carries most of what was measured, about 1310 requests a second; no difference to async was shown; the capacity of threads was not measured.

wait                                     sync  threads   async      hybrid
──────────────────────────────────────────────────────────────────────────
capacity (1/s)                           89.1        –  ≥ 1230        1310
  its interval (1/s)               82.9..95.3        –       –  1220..1400
  which is                              model        –       –       model
carried load nearest half (1/s)            50        –      50          50
response time there, p50 (ms)            21.2        –    21.2        21.2
  p99 (ms)                               56.7        –    56.7        56.7
CPU per request there, nginx (ms)      0.0412        –  0.0412      0.0412
  workers (ms)                          0.213        –   0.213       0.213
  postgres (ms)                          0.06        –    0.06        0.06
  k6 (ms)                               0.671        –   0.671       0.671
memory of the workers (MB)               70.4        –    70.4        70.4
workers                                     2        8       1           2
database connections                        2        8      40          40

What stopped it:
  sync stops at 90/s because both workers are busy
  threads was not measured: k6 ended before the load did
  async stops at 90/s because both workers are busy; its limit was not found: k6 could not send more on time
  hybrid stops at 90/s because both workers are busy

! No ratio is given.`,
  );
});

test('the table of four topologies fits into 80 columns', () => {
  const figures = tableOf(comparison).split('\n\n')[1] ?? '';
  for (const line of figures.split('\n')) assert.ok(line.length <= 80, line);
});

test('the summary says the same in Markdown, a row with as many cells as its head', () => {
  const rows = summaryOf(comparison)
    .split('\n')
    .filter(line => line.startsWith('|'));
  assert.equal(rows.length, 15);
  assert.equal(rows[0], '| wait | sync | threads | async | hybrid |');
  assert.equal(rows[2], '| capacity (1/s) | 89.1 | – | ≥ 1230 | 1310 |');
  for (const row of rows) assert.equal(row.split('|').length, 7);
});

const headlines: [what: string, cells: ComparedCell[], headline: string][] = [
  [
    'apart brackets name one',
    [cell('sync', bracketed(90)), cell('async', bracketed(1300))],
    'async carries most, about 1300 requests a second.',
  ],
  [
    'overlapping brackets show no difference',
    [cell('sync', bracketed(90)), cell('async', bracketed(95))],
    'async carries most, about 95 requests a second; no difference to sync was shown.',
  ],
  [
    'nothing found is said',
    [cell('sync', { state: 'none' })],
    'of no deployment a capacity was found; sync met the objective at no load.',
  ],
  [
    'what has no capacity is said beside what has',
    [
      cell('sync', { state: 'none' }),
      cell('async', bracketed(95)),
      cell('hybrid', { state: 'unmeasured', reason: 'x' }),
    ],
    'async carries most of what was measured, about 95 requests a second; sync met the objective at no load; the capacity of hybrid was not measured.',
  ],
];
for (const [what, cells, headline] of headlines) {
  test(`in a headline ${what}`, () => assert.equal(headlineOf(cells), headline));
}

test('two deployments of one topology are told apart by their numbers', () => {
  const small = cell('hybrid', bracketed(90), { deployment: deploymentOf('hybrid', 2, { databaseConnections: 10 }) });
  assert.match(headlineOf([small, cell('hybrid', bracketed(900))]), /^hybrid-2x1-40 carries most/);
});

test('a workload is shown as the requests that it sends, with their weights where there are several', () => {
  const wait = { weight: 1, route: 'wait', parameters: { ms: 20 } } as const;
  const item = { weight: 3, route: 'item', parameters: { id: 7 } } as const;
  const cpu = { weight: 1, route: 'cpu', parameters: { cpuSeconds: 0.005 } } as const;
  assert.equal(shownRequests({ name: 'w', requests: [wait] }), 'GET /wait?ms=20');
  assert.equal(shownRequests({ name: 'w', requests: [cpu] }), 'GET /cpu (5 ms of CPU)');
  assert.equal(shownRequests({ name: 'w', requests: [item, wait] }), '3 × GET /items/7 · 1 × GET /wait?ms=20');
});
