import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../../model/deployment.ts';
import { arrangeStage, type DeploymentId, type DeploymentSecond, type Mark, type Second } from '../../protocol.ts';
import { type ChartName, chartLines, charts, deploymentsIn, listPoints } from './definitions.ts';
import { describeMark, joinMarks, labelMark } from './marks.ts';

const of = (part: Partial<DeploymentSecond>): DeploymentSecond => ({
  ...{ offeredLoad: 60, throughput: 59, failed: 0, inProgress: 2, memory: 70e6 },
  utilisation: { workers: 0.6, databaseConnections: 0.03, cpu: 0.1 },
  ...part,
});
const seconds: Second[] = [
  { time: 100, cpu: 0.5, deployments: { hybrid: of({ p50: 0.02, p99: 0.03 }) } },
  { time: 101, cpu: 0.6, deployments: { hybrid: of({}), sync: of({ throughput: 40 }) } },
];

test('deployments are listed in the order of the stage, those that have left it too', () => {
  const staged = ['sync', 'threads', 'async', 'hybrid'];
  assert.deepEqual(deploymentsIn(seconds, staged, ['async']), ['sync', 'async', 'hybrid']);
});

test('a chart has a line for each deployment and measure, the thick one first; what was not measured is a gap', () => {
  const cases: [ChartName, DeploymentId[], Record<string, (number | null)[]>][] = [
    [
      'load',
      ['sync', 'hybrid'],
      {
        'sync throughput': [null, 40],
        'sync offered': [null, 60],
        'hybrid throughput': [59, 59],
        'hybrid offered': [60, 60],
      },
    ],
    ['response-time', ['hybrid'], { 'hybrid p99': [0.03, null], 'hybrid p50': [0.02, null] }],
    ['cpus', ['hybrid'], { 'machine the whole machine': [0.5, 0.6], 'hybrid CPUs': [0.1, 0.1] }],
  ];
  for (const [name, deployments, values] of cases) {
    const chart = charts.find(one => one.name === name);
    assert.ok(chart);
    const lines = chartLines(chart, deployments).map(line => [
      `${line.id ?? 'machine'} ${line.measure.name}`,
      listPoints(seconds, line).map(([, value]) => value),
    ]);
    assert.deepEqual(lines, Object.entries(values));
  }
});

test('a line is broken where the server was away', () => {
  const later = { time: 110, cpu: 0.7, deployments: {} };
  const line = { measure: { name: 'machine', of: () => undefined } };
  assert.deepEqual(listPoints([...seconds, later], line), [
    [100, 0.5],
    [101, 0.6],
    [102.25, null],
    [110, 0.7],
  ]);
});

const refused = (time: number, id: DeploymentId, count: number): Mark => ({ time, kind: 'refused', id, count });

test('requests that fail alike one after another are one occurrence; after a pause they are another', () => {
  const ended: Mark = { time: 101, kind: 'worker-ended', id: 'sync', worker: 'sync-1.1' };
  const givenUp: Mark = { time: 101, kind: 'given-up', id: 'sync', count: 7 };
  const marks = [
    ended,
    ended,
    refused(101, 'sync', 4),
    refused(101, 'hybrid', 17),
    givenUp,
    refused(102, 'sync', 5),
    refused(105, 'sync', 1),
    refused(109, 'sync', 2),
  ];
  assert.deepEqual(joinMarks(marks), [
    ended,
    ended,
    { ...refused(101, 'sync', 10), until: 105 },
    refused(101, 'hybrid', 17),
    givenUp,
    refused(109, 'sync', 2),
  ]);
});

test('refusals that last are one occurrence, though they are joined one by one, and push nothing out', () => {
  const away: Mark = { time: 99, kind: 'database-away' };
  let marks = joinMarks([away]);
  for (let time = 100; time < 400; time++) marks = joinMarks([...marks, refused(time, 'sync', 2)]).slice(-100);
  assert.deepEqual(marks, [away, { ...refused(100, 'sync', 600), until: 399 }]);
});

test('a mark is named on the chart, and told with its deployment, worker and count', () => {
  const [, small] = arrangeStage([
    { id: 'large', deployment: deploymentOf('hybrid', 2) },
    { id: 'small', deployment: { ...deploymentOf('hybrid', 2), databaseConnections: 8 } },
  ]);
  const cases: [Partial<Mark> & Pick<Mark, 'kind'>, string, RegExp][] = [
    [{ kind: 'worker-ended', worker: 'hybrid-1.1' }, 'worker ended', /hybrid-1\.1 \(2×1, 8 connections\)/],
    [
      { kind: 'killed-for-memory', worker: 'hybrid-1.1', count: 268_435_456 },
      'killed: memory',
      /256 MiB.*WORKERS_MEMORY/,
    ],
    [{ kind: 'refused', count: 12 }, '503 × 12', /^12 requests at hybrid 2×1, 8 connections/],
    [{ kind: 'given-up', count: 1 }, 'given up × 1', /^1 request .* 10 s/],
    [{ kind: 'connections-changed', count: 10 }, '10 connections', /10 database connections/],
    [{ kind: 'connections-changed' }, 'connections', /its own number/],
  ];
  for (const [part, label, sentence] of cases) {
    const mark = { time: 1, id: 'small', ...part };
    assert.equal(labelMark(mark), label);
    assert.match(describeMark(mark, small), sentence);
  }
});
