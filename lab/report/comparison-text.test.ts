import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Deployment, deploymentName, deploymentOf } from '../../model/deployment.ts';
import type { TopologyName } from '../../model/topology.ts';
import type { ComparedCell } from '../compare/comparison.ts';
import type { Ratio } from '../compare/ratios.ts';
import { scoreFigure, summarizeErrors } from '../plan/score.ts';
import type { Capacity } from '../search/capacity.ts';
import { answerWorkload, compareCapacities, shownRequests } from './answer.ts';
import { renderComparison, renderSummary } from './comparison-text.ts';
import { buildReport, type Report } from './report.ts';
import { renderScore } from './score-text.ts';
import { calmRun } from './testdata/runs.ts';

const calm = buildReport(calmRun());

function cell(
  of: TopologyName | Deployment,
  capacity: Capacity,
  given: Partial<ComparedCell> = {},
): ComparedCell & { label: string; curve: []; atHalf: undefined; atCapacity: undefined } {
  const deployment = typeof of === 'string' ? deploymentOf(of, 2) : of;
  return {
    ...{ workload: 'wait', deployment, workers: deployment.processes * deployment.threadsPerProcess, capacity },
    bottleneck: {
      ...{ resource: null, utilisation: 0.5, cause: 'unexplained', help: null, at: null, above: null },
      sentence: 'stops at 90/s because both workers are busy',
    },
    responseTime: { arrivalRate: 50, p50: 0.02123, p99: 0.0567 },
    serviceDemand: { nginx: 0.0000412, workers: 0.000213, postgres: 0.00006, k6: 0.000671 },
    memory: { nginx: 8e6, workers: 70_400_000, postgres: 9e7, k6: 4e7 },
    ...{ capacityByBlock: {}, trials: 4, invalidTrials: 0 },
    ...{ label: deployment.topology, curve: [], atHalf: undefined, atCapacity: undefined },
    ...given,
  };
}

function bracketed(estimate: number, interval: '95 %' | 'model' = 'model'): Capacity {
  return { state: 'bracketed', estimate, low: estimate * 0.93, high: estimate * 1.07, interval };
}

function ratio(of: TopologyName, to: TopologyName, reading: Ratio['reading'], bounds: [number, number, number]): Ratio {
  const [estimate, low, high] = bounds;
  const [ofDeployment = '', toDeployment = ''] = [of, to].map(one => deploymentName(deploymentOf(one, 2)));
  return { workload: 'wait', of, to, ofDeployment, toDeployment, reading, estimate, low, high, blocks: 4 };
}

const notMeasured = { bottleneck: null, responseTime: null, serviceDemand: null, memory: null };
const limited = deploymentOf('hybrid', 2, {
  containers: { workers: { cpus: 0.6, cpuset: '0-1', memory: 400e6 }, postgres: { cpus: 1 } },
});
const fair = [
  ratio('hybrid', 'sync', 'workers = CPUs', [14.2, 12.9, 15.6]),
  ratio('hybrid', 'sync', 'equal concurrency', [1.08, 0.97, 1.2]),
  ratio('hybrid', 'sync', 'equal memory', [9, 8, 10]),
];
const reports: Record<string, Report> = {
  'capacities of every state': reportOn([
    cell('sync', bracketed(89.1)),
    cell('threads', { state: 'unmeasured', reason: 'k6 ended before the load did' }, notMeasured),
    cell('async', { state: 'at-least', low: 1234.5, limitedBy: 'generator' }),
    cell('hybrid', bracketed(1310)),
    cell('async-express', { state: 'none' }),
    cell('sync-threads', bracketed(300)),
  ]),
  'limits of containers, and ratios': {
    ...reportOn([cell('sync', bracketed(89.1, '95 %')), cell(limited, bracketed(300, '95 %'))]),
    ...{ comparison: { ...calm.comparison, runtime: 'simulated', ratios: fair } },
  },
  'loads without capacities, and claims': {
    ...reportOn([
      cell('sync', { state: 'unmeasured', reason: 'the experiment does not ask for capacities' }, notMeasured),
    ]),
    ...{ experiment: { ...calm.experiment, capacity: false } },
    claims: [
      {
        ...{ id: 'C3', claim: 'Sync and async do the same.', verdict: 'not shown', sentence: 'It is 1 | 0.' },
        figures: [{ label: 'async ÷ sync', unit: '', estimate: 1.0234, low: 0.91, high: 1.15 }],
        instead: 'Two CPUs.',
      },
    ],
  },
};

function reportOn(cells: Report['workloads'][number]['cells']): Report {
  const [workload] = calm.workloads;
  assert.ok(workload);
  const comparison = { ...calm.comparison, cells, warnings: [{ kind: 'no-ratios', message: 'No ratio is given.' }] };
  return { ...calm, comparison: comparison as Report['comparison'], workloads: [{ ...workload, cells }] };
}

/** Everything that a terminal and `summary.md` say of these reports, and of a score. */
function renderAll(): string {
  const figures = [
    scoreFigure(
      'wait on sync-4x1-4',
      'capacity',
      { estimate: 176, low: 166, high: 187 },
      { estimate: 170, low: 157, high: 184 },
    ),
    scoreFigure(
      'wait on sync-4x1-4',
      'p99',
      { estimate: 0.06, low: 0.05, high: 0.07 },
      { estimate: 0.09, low: 0.075, high: 0.1 },
      120,
    ),
  ];
  const score = renderScore({
    figures,
    ...{
      summary: {
        by: 'held out',
        figures: summarizeErrors(figures),
        fittedTo: ['wait on sync-2x1-2'],
        predicted: ['x'],
      },
    },
    questions: [
      {
        ...{ workload: 'wait', arrivalRate: 120, sizes: ['sync-2x1-2', 'sync-4x1-4'] },
        ...{ predicted: 'sync-4x1-4', measured: 'sync-4x1-4', right: true },
      },
    ],
  });
  const rendered = Object.entries(reports).flatMap(([name, report]) => [
    `===== ${name}, in a terminal\n${renderComparison(report, 100)}`,
    `===== ${name}, in Markdown\n${renderSummary(report)}`,
  ]);
  return [...rendered, `===== a score\n${score}\n`].join('\n\n');
}

test('the comparison, its summary and a score say what they said; --update writes them again', () => {
  const golden = join(import.meta.dirname, 'testdata/comparison.txt');
  if (process.argv.includes('--update')) writeFileSync(golden, renderAll());
  assert.equal(renderAll(), readFileSync(golden, 'utf8'));
});

test('six deployments fit into 100 columns', () => {
  for (const line of renderComparison(reports['capacities of every state'] as Report, 100).split('\n'))
    assert.ok(line.length <= 100, line);
});

test('capacities whose intervals overlap are tied; others have one that carries most', () => {
  const sync = cell('sync', bracketed(90));
  assert.match(compareCapacities([sync, cell('async', bracketed(1300))]), /^async carries most: about 1,300/);
  assert.match(compareCapacities([sync, cell('async', bracketed(95))]), /^async \(95\/s\) and sync \(90\/s\) are tied/);
  assert.match(compareCapacities([cell('sync', { state: 'none' })]), /sync met the objective at no load/);
  const small = cell(deploymentOf('hybrid', 2, { databaseConnections: 10 }), bracketed(90));
  assert.match(compareCapacities([small, cell('hybrid', bracketed(900))]), /^hybrid-2x1-40 carries most/);
});

test('the answer compares as the article does, and what stops it is of the deployment that it names', () => {
  const cells = [cell('sync', bracketed(90)), cell('hybrid', bracketed(1290)), cell('async-express', bracketed(1300))];
  const ratios = [ratio('async-express', 'sync', 'workers = CPUs', [15, 14, 16]), ...fair];
  const answer = answerWorkload('wait', cells, { ...calm.comparison, ratios });
  assert.match(
    answer.sentence,
    /hybrid carries 14\.2 × \[12\.9, 15\.6\].*1\.08 × \[0\.97, 1\.2\] \(tied\).*9 × \[8, 10\]/,
  );
  assert.match(answer.stop ?? '', /^hybrid /);
  const plain = answerWorkload('wait', cells, { ...calm.comparison, ratios: [] });
  assert.match(plain.stop ?? '', /^async-express /);
  const best = [ratio('hybrid', 'async-express', 'best sizes', [0.8, 0.75, 0.9])];
  const bestSizes = cells.map(({ deployment }) => ({ workload: 'wait', deployment }));
  assert.match(
    answerWorkload('wait', cells, { ...calm.comparison, ratios: best, bestSizes }).sentence,
    /of the best sizes async-express-2x1-40 carries most, 1\.25 × \[1\.11, 1\.33\] what hybrid-2x1-40 carries/,
  );
});

test('a workload is shown as its requests, with weights where there are several', () => {
  const wait = { weight: 1, route: 'wait', parameters: { ms: 20 } } as const;
  const item = { weight: 3, route: 'item', parameters: { id: 7 } } as const;
  const cpu = { weight: 1, route: 'cpu', parameters: { cpuSeconds: 0.005 } } as const;
  assert.equal(shownRequests({ name: 'w', requests: [wait] }), 'GET /wait?ms=20');
  assert.equal(shownRequests({ name: 'w', requests: [cpu] }), 'GET /cpu (5 ms of CPU)');
  assert.equal(shownRequests({ name: 'w', requests: [item, wait] }), '3 × GET /items/7 · 1 × GET /wait?ms=20');
});
