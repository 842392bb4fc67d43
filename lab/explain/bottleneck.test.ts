import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Containers, deploymentOf } from '../../model/deployment.ts';
import type { Cell } from '../../model/experiment.ts';
import { emptyHistogram, record } from '../../model/histogram.ts';
import type { Measurement, Resource, TrialResult } from '../../model/measurement.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import { topologyOf } from '../../model/topology.ts';
import type { Capacity } from '../search/capacity.ts';
import { experimentOf, trialAt, waitOn } from '../search/testdata/cells.ts';
import { nothingMeasured } from '../search/testdata/simulated-service.ts';
import { type Bottleneck, bottleneckOf } from './bottleneck.ts';

const experiment = experimentOf([]);
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
function trialOf(cell: Cell, arrivalRate: PerSecond, met: boolean, given: Partial<Measurement>): TrialResult {
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
  const results = [trialOf(cell, 0.9 * arrivalRate, true, given), trialOf(cell, arrivalRate, false, given)];
  const [low, estimate, high] = [0.9, 0.95, 1].map(part => part * arrivalRate) as [number, number, number];
  const capacity: Capacity = { state: 'bracketed', low, estimate, high, interval: 'model' };
  const found = bottleneckOf(cell, results, capacity, experiment);
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
const pooled = { ...idle, 'database-connections': 0.97, cpu: 0.3 };
const limits = { workers: { cpus: 1.2 }, nginx: { cpus: 0.17 }, postgres: { cpus: 0.13 } };
const limited = { ...idle, 'workers-cpus': 0.3, 'nginx-cpus': 0.97, 'postgres-cpus': 0.8 };
const held = { ...loops, utilisation: { ...idle, 'postgres-cpus': 0.6, 'nginx-cpus': 0.7 }, throttled: 0.4 };
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

/** What it is · cell · load · what was measured · cause and resource · amount and next limit of what would help · figures in the sentence. */
type Case = [
  what: string,
  cell: Cell,
  load: PerSecond,
  given: Partial<Measurement>,
  cause: [Bottleneck['cause'], Bottleneck['resource']],
  help?: [amount: number, cappedBy: string | null] | null | undefined,
  says?: RegExp,
];
const cases: Case[] = [
  [
    'busy blocking workers',
    ...([sync, 96, { workers: slow, utilisation: { ...idle, workers: 0.98, cpu: 0.09 } }] as const),
    ['used-up', 'workers'],
    [6, null],
    /^stops at 91.2\/s because both workers are busy 98 % of the time, 21 ms .* 2 CPUs are 9 % busy; four .* 280\/s$/,
  ],
  [
    'busy workers beside CPUs that are half busy',
    ...([sync, 96, { ...busyService, utilisation: { ...idle, workers: 0.98, cpu: 0.5 } }] as const),
    ['used-up', 'workers'],
    [5, 'cpu'],
    /three more workers would carry about 200\/s, where the CPUs/,
  ],
  [
    'busy workers beside CPUs that are nearly used up',
    ...([sync, 96, { ...busyService, throughput: 85, utilisation: { ...idle, workers: 0.98, cpu: 0.88 } }] as const),
    ['used-up', 'workers'],
    undefined,
    /more workers would carry little more: the CPUs/,
  ],
  [
    'a busy event loop',
    ...([async, 190, { workers: workers(1, { busy: 0.0052 }), utilisation: { ...idle, workers: 0.96 } }] as const),
    ['used-up', 'workers'],
    [2, null],
    /one event loop is busy 96 % .* 5.2 ms .*two event loops, each in a process of its own, would carry about 3[0-9]0\/s/,
  ],
  [
    'database connections beside idle loops',
    ...([hybrid, 1900, { ...pool, utilisation: pooled }] as const),
    ['used-up', 'database-connections'],
    [80, null],
    /all 40 database connections are in use 97 % of the time, 21 ms/,
  ],
  [
    'loops that keep their connections',
    hybrid,
    1900,
    { ...pool, utilisation: { ...pooled, workers: 0.97 } },
    ['used-up', 'workers'],
  ],
  [
    'CPUs that loops and connections wait for',
    hybrid,
    1300,
    {
      workers: workers(2, { busy: 0.0015, held: 0.02 }),
      serviceDemand: { nginx: 0.0002, workers: 0.0009, postgres: 0.0001, k6: 0.0006 },
      utilisation: { cpu: 0.97, workers: 0.99, 'database-connections': 0.95, nginx: 0.2 },
      cpuShare: { nginx: 0.1, workers: 0.45, postgres: 0.05, k6: 0.3 },
    },
    ['used-up', 'cpu'],
    undefined,
    /97 % busy: workers 45 %, k6 30 %, nginx 10 %, Postgres 5 %, everything else 7 %; .* k6 .* about 1800\/s$/,
  ],
  [
    'CPUs that a hypervisor took away',
    sync,
    96,
    { workers: slow, utilisation: { ...idle, cpu: 0.8 }, steal: 0.15 },
    ['used-up', 'cpu'],
  ],
  [
    'an unknown limit that held containers up',
    ...([sync, 96, { workers: slow, utilisation: { ...idle, cpu: 0.8 }, throttled: 0.4 }] as const),
    ['throttled', 'cpu'],
    null,
    /a CPU limit held its containers up 40 % of the time/,
  ],
  [
    'a limit of the workers, which look busy as it holds them up',
    limitedTo({ workers: { cpus: 0.6 } }),
    316,
    {
      ...loops,
      utilisation: { ...idle, cpu: 0.4, workers: 0.99, 'workers-cpus': 0.99 },
      ...{ throttled: 0.5, throttledBy: { workers: 0.5 } },
    },
    ['used-up', 'workers-cpus'],
    [1.2, null],
    /99 % of their limit of 0.6 CPUs, .*; 1.2 CPUs for the workers would carry about 620\/s$/,
  ],
  [
    'the fullest of several limits',
    ...([limitedTo(limits), 500, { ...loops, utilisation: limited }] as const),
    ['used-up', 'nginx-cpus'],
    [0.26, 'postgres-cpus'],
    /97 % of its limit of 0.17 CPUs/,
  ],
  [
    'another of several limits',
    limitedTo(limits),
    500,
    { ...loops, utilisation: { ...limited, 'nginx-cpus': 0.2, 'postgres-cpus': 0.99 } },
    ['used-up', 'postgres-cpus'],
    [0.26, null],
    /99 % of its limit of 0.13 CPUs/,
  ],
  [
    'a set of CPUs, of which there are no more than the machine has',
    limitedTo({ nginx: { cpus: 1.5, cpuset: '1' } }),
    4000,
    { ...loops, utilisation: { ...idle, 'nginx-cpus': 0.98 } },
    ['used-up', 'nginx-cpus'],
    [2, null],
    /98 % of its CPU set \(1\)/,
  ],
  [
    'a limit that holds a container up before it is used up',
    limitedTo({ postgres: { cpus: 0.13 }, nginx: { cpus: 0.5 } }),
    300,
    { ...held, throttledBy: { postgres: 0.4, nginx: 0.02 } },
    ['throttled', 'postgres-cpus'],
    null,
    /limit of 0.13 CPUs held Postgres up 40 % .*; more than 0.13 CPUs for Postgres would help$/,
  ],
  [
    'a limit that is none of the experiment',
    limitedTo({ postgres: { cpus: 0.13 }, nginx: { cpus: 0.5 } }),
    300,
    { ...held, throttledBy: { k6: 0.4, nginx: 0.02 } },
    ['throttled', 'cpu'],
  ],
  [
    'connections whose increase a container limit caps',
    limitedTo({ nginx: { cpus: 0.5 } }),
    1900,
    {
      ...pool,
      serviceDemand: loops.serviceDemand,
      utilisation: { ...idle, 'database-connections': 0.97, 'nginx-cpus': 0.8 },
    },
    ['used-up', 'database-connections'],
    [56, 'nginx-cpus'],
  ],
  [
    'a queue for workers that are idle at times, with long requests',
    ...([sync, 13, { workers: workers(2, { busy: 0.1 }), utilisation: { ...idle, workers: 0.62 } }] as const),
    ['queue', 'workers'],
    undefined,
    /take 100 ms each queue for one of 2 workers \(62 % busy\)/,
  ],
  [
    'nothing, with short requests and workers that are idle at times',
    ...([sync, 600, { workers: workers(2, { busy: 0.002 }), utilisation: { ...idle, workers: 0.62 } }] as const),
    ['unexplained', null],
  ],
  [
    'nothing that is used up',
    ...([hybrid, 420, { workers: workers(2, { busy: 0.0003 }) }] as const),
    ['unexplained', null],
    null,
    /nothing is used up \(CPUs 20 % busy, workers 20 %, database connections 20 %, nginx 5 %\): the p99 .* ms at 420\/s/,
  ],
  ...[{ cpuSeconds: 0.2 }, { units: 4000 }].map(
    (asked): Case => [
      `single long requests, in ${Object.keys(asked)}`,
      ...([mixedWith(asked), 40, { workers: workers(1, { busy: 0.003 }) }] as const),
      ['held-up', null],
      undefined,
      /keep an event loop for 200 ms/,
    ],
  ),
];
for (const [what, cell, load, given, cause, help, says = /./] of cases) {
  test(`a cell is stopped by ${what}`, () => {
    const found = stopped(cell, load, given);
    assert.deepEqual([found.cause, found.resource], cause);
    if (help !== undefined) assert.deepEqual(found.help && [found.help.amount, found.help.cappedBy], help);
    assert.match(found.sentence, says);
  });
}

test('a load that was carried has not found its limit', () => {
  const results = [trialOf(hybrid, 500, true, { workers: workers(2, { busy: 0.0003 }) })];
  const found = bottleneckOf(hybrid, results, { state: 'at-least', low: 500, limitedBy: 'budget' }, experiment);
  assert.deepEqual([found?.cause, found?.above], ['limit-not-found', null]);
  assert.match(found?.sentence ?? '', /500\/s.*CPUs 20 % busy/);
});

test('a generator at its limit is named with its share of the CPUs', () => {
  const busy = { workers: workers(2, { busy: 0.0003 }) };
  const cpuShare = { nginx: 0.1, workers: 0.17, postgres: 0.1, k6: 0.6 };
  const late = trialOf(hybrid, 900, true, { ...busy, utilisation: { ...idle, cpu: 0.97 }, cpuShare });
  assert.ok(late.state === 'completed');
  const invalid: TrialResult = { ...late, state: 'invalid', reason: { kind: 'schedule-lag', p99: 0.1, limit: 0.025 } };
  const capacity: Capacity = { state: 'at-least', low: 500, limitedBy: 'generator' };
  const found = bottleneckOf(hybrid, [trialOf(hybrid, 500, true, busy), invalid], capacity, experiment);
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
    trialOf(sync, 80, true, given),
    trialOf(sync, 90, false, { ...given, observed: 0.01 }),
    trialOf(sync, 95, false, given),
  ];
  const capacity: Capacity = { state: 'bracketed', low: 80, estimate: 84, high: 90, interval: 'model' };
  const { at, above } = bottleneckOf(sync, results, capacity, experiment) ?? {};
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
