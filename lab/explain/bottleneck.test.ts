import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Containers, deploymentOf } from '../../model/deployment.ts';
import type { Cell } from '../../model/experiment.ts';
import { emptyHistogram, record } from '../../model/histogram.ts';
import type { Measurement, Resource, TrialResult } from '../../model/measurement.ts';
import { type Fraction, type PerSecond, rounded } from '../../model/quantities.ts';
import { topologyOf } from '../../model/topology.ts';
import type { Capacity } from '../search/capacity.ts';
import { experimentWith, trialAt, waitOn } from '../search/testdata/cells.ts';
import { nothingMeasured } from '../search/testdata/simulated-service.ts';
import { requireGoldenLines } from '../testdata/golden-lines.ts';
import { type Bottleneck, findBottleneck } from './bottleneck.ts';

const experiment = experimentWith([]);
const idle: Record<Resource, Fraction> = { cpu: 0.2, workers: 0.2, 'database-connections': 0.2, nginx: 0.05 };

/** Workers that together completed 1,000 requests, and kept each of them for so long. */
function workers(count: number, seconds: { busy?: number; held?: number; connectionWait?: number }) {
  const { busy = 0, held = 0, connectionWait = 0 } = seconds;
  const each = 1000 / count;
  return Array.from({ length: count }, (_, index) => ({
    name: `${index}`,
    completed: each,
    busy: busy * each,
    databaseWait: held * each,
    connectionsHeld: held * each,
    connectionWait: connectionWait * each,
    inProgress: { mean: 3, most: 7 },
  }));
}

/** A trial of 10 s; if it was missed, a tenth of its requests took 0.4 s. */
function buildTrial(cell: Cell, arrivalRate: PerSecond, met: boolean, given: Partial<Measurement>): TrialResult {
  const responseTime = emptyHistogram(0.25);
  record(responseTime, 0.02, 900);
  record(responseTime, met ? 0.1 : 0.4, 100);
  const { workers: none, ...seen } = nothingMeasured(0.25);
  const measurement: Measurement = {
    ...seen,
    ...(none && !cell.deployment.hidden && { workers: none }),
    ...{ responseTime, responseTimeFromSend: responseTime, scored: 1000, observed: 10 },
    ...{ offeredLoad: arrivalRate, throughput: arrivalRate, utilisation: idle },
    ...given,
  };
  return { state: 'completed', trial: trialAt(arrivalRate, cell), elapsed: 13, measurement };
}

/** The bottleneck of a cell that carried 90 % of `arrivalRate`, and missed `arrivalRate`. */
function stopped(cell: Cell, arrivalRate: PerSecond, given: Partial<Measurement>): Bottleneck {
  const results = [buildTrial(cell, 0.9 * arrivalRate, true, given), buildTrial(cell, arrivalRate, false, given)];
  const [low, estimate, high] = [0.9, 0.95, 1].map(part => part * arrivalRate) as [number, number, number];
  const capacity: Capacity = { state: 'bracketed', low, estimate, high, interval: 'model' };
  const found = findBottleneck(cell, results, capacity, experiment);
  assert.ok(found);
  return found;
}

/** `wait` on two event loops whose containers have these limits. */
function limitedTo(containers: Containers): Cell {
  const { deployment, workload } = waitOn('hybrid');
  return { workload, deployment: { ...deployment, containers } };
}

const [sync, async, hybrid] = [waitOn('sync'), waitOn('async'), waitOn('hybrid')];
const slow = workers(2, { busy: 0.021, held: 0.02 });
const busyService = { workers: slow, serviceDemand: { nginx: 0, workers: 0.009, postgres: 0, k6: 0 } };
const loops = {
  workers: workers(2, { busy: 0.0033 }),
  serviceDemand: { nginx: 0.0003, workers: 0.002, postgres: 0.0002, k6: 0.0004 },
};
const pool = { workers: workers(2, { busy: 0.0002, held: 0.021, connectionWait: 0.1 }) };
const limits = { workers: { cpus: 1.2 }, nginx: { cpus: 0.17 }, postgres: { cpus: 0.13 } };
const mixedWith = (parameters: Record<string, number>): Cell => ({
  deployment: async.deployment,
  workload: {
    name: 'mixed',
    requests: [
      { weight: 99, route: 'plain', parameters: {} },
      { weight: 1, route: 'cpu', parameters },
    ],
  },
});

const usedBy = (used: Partial<Measurement['utilisation']>) => ({ utilisation: { ...idle, ...used } });
const limitedBy = (
  containers: Containers,
  used: Partial<Measurement['utilisation']>,
  more: Partial<Measurement> = {},
) => [limitedTo(containers), 500, { ...loops, ...usedBy(used), ...more }] as const;
const cpuShare = { nginx: 0.1, workers: 0.45, postgres: 0.05, k6: 0.3 };
const serviceDemand = { nginx: 0.0002, workers: 0.0009, postgres: 0.0001, k6: 0.0006 };
const cpuBound = { workers: workers(2, { busy: 0.0015, held: 0.02 }), serviceDemand, cpuShare };
const fullLimits = { 'workers-cpus': 0.3, 'nginx-cpus': 0.97, 'postgres-cpus': 0.8 };
const [pgLimit, nginxLimit] = [{ postgres: { cpus: 0.13 }, nginx: { cpus: 0.5 } }, { nginx: { cpus: 0.5 } }];
const halfUsed = { 'postgres-cpus': 0.6, 'nginx-cpus': 0.7 };
const throttledTo = (throttledBy: Measurement['throttledBy']) => ({ throttled: 0.4, throttledBy: throttledBy ?? {} });

// Causes, resources, help and sentences are in testdata/bottlenecks.txt.
const cases: [what: string, cell: Cell, load: PerSecond, ...given: Partial<Measurement>[]][] = [
  ['busy blocking workers', sync, 96, { workers: slow }, usedBy({ workers: 0.98, cpu: 0.09 })],
  ['busy workers beside half busy CPUs', sync, 96, busyService, usedBy({ workers: 0.98, cpu: 0.5 })],
  ['busy workers, CPUs next', sync, 96, busyService, { throughput: 85 }, usedBy({ workers: 0.98, cpu: 0.88 })],
  ['a busy event loop', async, 190, { workers: workers(1, { busy: 0.0052 }) }, usedBy({ workers: 0.96 })],
  ['connections beside idle loops', hybrid, 1900, pool, usedBy({ 'database-connections': 0.97, cpu: 0.3 })],
  ['loops that keep their connections', hybrid, 1900, pool, usedBy({ 'database-connections': 0.97, workers: 0.97 })],
  [
    'CPUs that others wait for',
    hybrid,
    1300,
    cpuBound,
    usedBy({ cpu: 0.97, workers: 0.99, 'database-connections': 0.95 }),
  ],
  ['stolen CPUs', sync, 96, { workers: slow, steal: 0.15 }, usedBy({ cpu: 0.8 })],
  ['an unknown limit', sync, 96, { workers: slow, throttled: 0.4 }, usedBy({ cpu: 0.8 })],
  // Loops that are held up look busy.
  [
    'a limit of the workers',
    ...limitedBy({ workers: { cpus: 0.6 } }, { workers: 0.99, 'workers-cpus': 0.99 }, throttledTo({ workers: 0.4 })),
  ],
  ['the fullest of several limits', ...limitedBy(limits, fullLimits)],
  ['another of several limits', ...limitedBy(limits, { ...fullLimits, 'nginx-cpus': 0.2, 'postgres-cpus': 0.99 })],
  [
    'a set of CPUs, with no more in the machine',
    ...limitedBy({ nginx: { cpus: 1.5, cpuset: '1' } }, { 'nginx-cpus': 0.98 }),
  ],
  ['a limit before it is used up', ...limitedBy(pgLimit, halfUsed, throttledTo({ postgres: 0.4, nginx: 0.02 }))],
  ['a limit outside of the experiment', ...limitedBy(pgLimit, halfUsed, throttledTo({ k6: 0.4, nginx: 0.02 }))],
  [
    'connections, nginx’s limit next',
    ...limitedBy(nginxLimit, { 'database-connections': 0.97, 'nginx-cpus': 0.8 }, pool),
  ],
  ['a queue of long requests', sync, 13, { workers: workers(2, { busy: 0.1 }) }, usedBy({ workers: 0.62 })],
  ['nothing, with short requests', sync, 600, { workers: workers(2, { busy: 0.002 }) }, usedBy({ workers: 0.62 })],
  ['nothing that is used up', hybrid, 420, { workers: workers(2, { busy: 0.0003 }) }],
  ['single long requests, in seconds', mixedWith({ cpuSeconds: 0.2 }), 40, { workers: workers(1, { busy: 0.003 }) }],
  ['single long requests, in units', mixedWith({ units: 4000 }), 40, { workers: workers(1, { busy: 0.003 }) }],
];

test('what stops a cell, and what would help, is said as before', () => {
  const lines = cases.map(([what, cell, load, ...given]) => {
    const { cause, resource, help, sentence } = stopped(cell, load, Object.assign({}, ...given));
    const helped = help && `${rounded(help.amount)} of it, capped by ${help.cappedBy}`;
    return `${what}: ${cause}, ${resource}, ${helped}: ${sentence}`;
  });
  requireGoldenLines(join(import.meta.dirname, 'testdata/bottlenecks.txt'), lines);
});

test('a load that was carried has not found its limit', () => {
  const results = [buildTrial(hybrid, 500, true, { workers: workers(2, { busy: 0.0003 }) })];
  const found = findBottleneck(hybrid, results, { state: 'at-least', low: 500, limitedBy: 'budget' }, experiment);
  assert.deepEqual([found?.cause, found?.above], ['limit-not-found', null]);
  assert.match(found?.sentence ?? '', /500\/s.*CPUs 20 % busy/);
});

test('a generator at its limit is named with its share of the CPUs', () => {
  const busy = { workers: workers(2, { busy: 0.0003 }) };
  const cpuShare = { nginx: 0.1, workers: 0.17, postgres: 0.1, k6: 0.6 };
  const late = buildTrial(hybrid, 900, true, { ...busy, utilisation: { ...idle, cpu: 0.97 }, cpuShare });
  assert.ok(late.state === 'completed');
  const invalid: TrialResult = { ...late, state: 'invalid', reason: { kind: 'schedule-lag', p99: 0.1, limit: 0.025 } };
  const capacity: Capacity = { state: 'at-least', low: 500, limitedBy: 'generator' };
  const found = findBottleneck(hybrid, [buildTrial(hybrid, 500, true, busy), invalid], capacity, experiment);
  assert.deepEqual([found?.resource, found?.cause, found?.above], [null, 'generator', null]);
  assert.match(found?.sentence ?? '', /no limit above 500\/s .*\(k6 60 %, workers 17 %/);
});

test('all resources are told at the highest carried and the lowest missed load that was observed', () => {
  const [first, second] = slow;
  assert.ok(first && second);
  const given = {
    workers: [first, { ...second, busy: first.busy / 2, inProgress: { mean: 1, most: 9 } }],
    contextSwitches: { voluntary: 1.5, involuntary: 0.1 },
    activeBackends: { mean: 1.9, most: 2 },
  };
  const results = [
    buildTrial(sync, 80, true, given),
    buildTrial(sync, 90, false, { ...given, observed: 0.01 }),
    buildTrial(sync, 95, false, given),
  ];
  const capacity: Capacity = { state: 'bracketed', low: 80, estimate: 84, high: 90, interval: 'model' };
  const { at, above } = findBottleneck(sync, results, capacity, experiment) ?? {};
  assert.deepEqual([at?.arrivalRate, above?.arrivalRate], [80, 95]);
  assert.deepEqual(above?.workersBusy, { lowest: first.busy / 20, highest: first.busy / 10 });
  assert.deepEqual(above?.heldPerWorker, { mean: 2, most: 9 });
  assert.deepEqual(above?.contextSwitches, given.contextSwitches);
  assert.deepEqual(above?.databaseConnections, { inUse: 0.4, activeBackends: given.activeBackends });
});

test('a hidden deployment with more slots than database connections can be stopped by its connections', () => {
  const utilisation = { ...idle, 'database-connections': 0.95 };
  const resourceAt = (concurrencyLimit: number) => {
    const deployment = deploymentOf({ ...topologyOf('hybrid'), concurrencyLimit }, 2, { hidden: true });
    return stopped({ ...hybrid, deployment }, 1300, { utilisation }).resource;
  };
  assert.equal(resourceAt(1000), 'database-connections');
  assert.notEqual(resourceAt(20), 'database-connections');
});
