import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeploymentSecond, Second } from '../../protocol.ts';
import { columnsOf, deploymentsIn, linesOf } from './columns.ts';
import { type ChartDefinition, charts } from './definitions.ts';

const of = (part: Partial<DeploymentSecond>): DeploymentSecond => ({
  offeredLoad: 60,
  throughput: 59,
  failed: 0,
  inProgress: 2,
  utilisation: { workers: 0.6, databaseConnections: 0.03, cpu: 0.1 },
  memory: 70e6,
  ...part,
});
const seconds: Second[] = [
  { time: 100, cpu: 0.5, deployments: { hybrid: of({ p50: 0.02, p99: 0.03 }) } },
  { time: 101, cpu: 0.6, deployments: { hybrid: of({}), sync: of({ throughput: 40 }) } },
];
const chart = (name: ChartDefinition['name']): ChartDefinition => {
  const found = charts.find(one => one.name === name);
  assert.ok(found);
  return found;
};

test('deployments are listed in the order of the stage, those that have left the stage too', () => {
  assert.deepEqual(deploymentsIn(seconds, ['sync', 'threads', 'async', 'hybrid'], ['async']), [
    'sync',
    'async',
    'hybrid',
  ]);
});

test('a chart has a line for each topology and measure, with the one that matters first', () => {
  const lines = linesOf(chart('load'), ['sync', 'hybrid']);
  assert.deepEqual(
    lines.map(({ id, measure }) => `${id} ${measure.name}`),
    ['sync throughput', 'sync offered', 'hybrid throughput', 'hybrid offered'],
  );
  assert.deepEqual(columnsOf(seconds, lines), [
    [100, 101],
    [null, 40],
    [null, 60],
    [59, 59],
    [60, 60],
  ]);
});

test('where nothing completed there is no response time', () => {
  const lines = linesOf(chart('response-time'), ['hybrid']);
  assert.deepEqual(columnsOf(seconds, lines), [
    [100, 101],
    [0.03, null],
    [0.02, null],
  ]);
});

test('the CPUs have a line of the whole machine', () => {
  const lines = linesOf(chart('cpus'), ['hybrid']);
  assert.deepEqual(columnsOf(seconds, lines), [
    [100, 101],
    [0.5, 0.6],
    [0.1, 0.1],
  ]);
});

test('points between which the server was away are not joined', () => {
  const lines = linesOf(chart('memory'), ['hybrid']);
  const later = { time: 110, cpu: 0.5, deployments: { hybrid: of({}) } };
  assert.deepEqual(columnsOf([...seconds, later], lines), [
    [100, 101, 102.25, 110],
    [70e6, 70e6, null, 70e6],
  ]);
});
