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

/** One of `count` workers that together completed 1,000 requests, each of which it kept for so long. */
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

/** A trial of 10 s, of whose requests a tenth took 0.4 s when it was missed. */
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

/** What stopped a cell that carried 90 % of `arrivalRate`, and did not carry `arrivalRate`. */
function stopped(cell: Cell, arrivalRate: PerSecond, given: Partial<Measurement>): Bottleneck {
  const results = [trialOf(cell, 0.9 * arrivalRate, true, given), trialOf(cell, arrivalRate, false, given)];
  const [low, estimate, high] = [0.9, 0.95, 1].map(part => part * arrivalRate) as [number, number, number];
  const capacity: Capacity = { state: 'bracketed', low, estimate, high, interval: 'model' };
  const found = bottleneckOf(cell, results, capacity, experiment);
  assert.ok(found);
  return found;
}

test('busy blocking workers are named, and what more of them would carry', () => {
  const given = {
    workers: workers(2, { busy: 0.021, held: 0.02 }),
    utilisation: { ...idle, workers: 0.98, cpu: 0.09 },
  };
  const { resource, sentence, help } = stopped(waitOn('sync'), 96, given);
  assert.equal(resource, 'workers');
  assert.equal(
    sentence,
    'stops at 91.2/s because both workers are busy 98 % of the time, 21 ms with each request, while the 2 CPUs are 9 % busy; four more workers would carry about 280/s',
  );
  assert.equal(help?.amount, 6);
});

test('where another resource gives out next, fewer are proposed, or none', () => {
  const busy = {
    workers: workers(2, { busy: 0.021 }),
    serviceDemand: { nginx: 0, workers: 0.009, postgres: 0, k6: 0 },
  };
  const some = stopped(waitOn('sync'), 96, { ...busy, utilisation: { ...idle, workers: 0.98, cpu: 0.5 } });
  assert.match(some.sentence, /; three more workers would carry about 200\/s, where the CPUs give out$/);
  assert.deepEqual([some.help?.amount, some.help?.cappedBy], [5, 'cpu']);
  const none = stopped(waitOn('sync'), 96, {
    ...busy,
    throughput: 85,
    utilisation: { ...idle, workers: 0.98, cpu: 0.88 },
  });
  assert.match(none.sentence, /; more workers would carry little more: the CPUs give out next$/);
});

test('a busy event loop is named with the time that it computes for a request', () => {
  const given = { workers: workers(1, { busy: 0.0052 }), utilisation: { ...idle, workers: 0.96 } };
  const { resource, sentence } = stopped(waitOn('async'), 190, given);
  assert.equal(resource, 'workers');
  assert.match(
    sentence,
    /^stops at 181\/s because the one event loop is busy 96 % of the time, 5.2 ms with each request, while .*; two event loops, each in a process of its own, would carry about 3[0-9]0\/s/,
  );
});

test('database connections are named while the loops are idle, and not where a busy loop keeps them', () => {
  const given = { workers: workers(2, { busy: 0.0002, held: 0.021, connectionWait: 0.1 }) };
  const utilisation = { ...idle, 'database-connections': 0.97, cpu: 0.3 };
  const idleLoops = stopped(waitOn('hybrid'), 1900, { ...given, utilisation });
  assert.equal(idleLoops.resource, 'database-connections');
  assert.match(idleLoops.sentence, /all 40 database connections are in use 97 % of the time, 21 ms by each request/);
  assert.equal(idleLoops.help?.amount, 80);
  const busyLoops = stopped(waitOn('hybrid'), 1900, { ...given, utilisation: { ...utilisation, workers: 0.97 } });
  assert.equal(busyLoops.resource, 'workers');
});

test('used up CPUs are named before those who wait for them, with who used them', () => {
  const { resource, sentence } = stopped(waitOn('hybrid'), 1300, {
    workers: workers(2, { busy: 0.0015, held: 0.02 }),
    serviceDemand: { nginx: 0.0002, workers: 0.0009, postgres: 0.0001, k6: 0.0006 },
    utilisation: { cpu: 0.97, workers: 0.99, 'database-connections': 0.95, nginx: 0.2 },
    cpuShare: { nginx: 0.1, workers: 0.45, postgres: 0.05, k6: 0.3 },
  });
  assert.equal(resource, 'cpu');
  assert.match(
    sentence,
    /the 2 CPUs are 97 % busy: workers 45 %, k6 30 %, nginx 10 %, Postgres 5 %, everything else 7 %; .*; with k6 on a machine of its own there would be room for about 1800\/s$/,
  );
});

test('CPUs that a hypervisor took away are used up too, and a limit of a container is told apart', () => {
  const given = { workers: workers(2, { busy: 0.021 }), utilisation: { ...idle, cpu: 0.8 } };
  assert.equal(stopped(waitOn('sync'), 96, { ...given, steal: 0.15 }).resource, 'cpu');
  const throttled = stopped(waitOn('sync'), 96, { ...given, throttled: 0.4 });
  assert.equal(throttled.cause, 'throttled');
  assert.match(throttled.sentence, /because a CPU limit held its containers up 40 % of the time/);
});

/** `wait` on two event loops whose containers have these limits. */
function limitedTo(containers: Containers): Cell {
  const { deployment, workload } = waitOn('hybrid');
  return { workload, deployment: { ...deployment, containers } };
}

const loops = {
  workers: workers(2, { busy: 0.0033 }),
  serviceDemand: { nginx: 0.0003, workers: 0.002, postgres: 0.0002, k6: 0.0004 },
};

test('the container whose CPU limit is used up is named, and what a higher one would carry', () => {
  const { resource, cause, sentence, help, utilisation } = stopped(limitedTo({ workers: { cpus: 0.6 } }), 316, {
    ...loops,
    // Loops that are held up look busy.
    utilisation: { ...idle, cpu: 0.4, workers: 0.99, 'workers-cpus': 0.99 },
    throttled: 0.5,
    throttledBy: { workers: 0.5 },
  });
  assert.deepEqual([resource, cause, utilisation], ['workers-cpus', 'used-up', 0.99]);
  assert.equal(
    sentence,
    'stops at 300/s because the workers use 99 % of their limit of 0.6 CPUs, while the 2 CPUs are 40 % busy; 1.2 CPUs for the workers would carry about 620/s',
  );
  assert.deepEqual([help?.amount, help?.cappedBy], [1.2, null]);
});

test('of several limits that are used up the fullest is named, and where the next one is reached', () => {
  const cell = limitedTo({ workers: { cpus: 1.2 }, nginx: { cpus: 0.17 }, postgres: { cpus: 0.13 } });
  const utilisation = { ...idle, 'workers-cpus': 0.3, 'nginx-cpus': 0.97, 'postgres-cpus': 0.8 };
  const nginx = stopped(cell, 500, { ...loops, utilisation });
  assert.equal(nginx.resource, 'nginx-cpus');
  assert.match(
    nginx.sentence,
    /nginx uses 97 % of its limit of 0.17 CPUs, while .*, where Postgres's CPU limit is reached$/,
  );
  assert.equal(nginx.help?.cappedBy, 'postgres-cpus');
  const amount = nginx.help?.amount ?? 0;
  assert.ok(amount > 0.17 && amount < 0.34, `${amount}`);
  const postgres = stopped(cell, 500, {
    ...loops,
    utilisation: { ...utilisation, 'nginx-cpus': 0.2, 'postgres-cpus': 0.99 },
  });
  assert.equal(postgres.resource, 'postgres-cpus');
  assert.match(
    postgres.sentence,
    /Postgres uses 99 % of its limit of 0.13 CPUs, .*; 0.26 CPUs for Postgres would carry about/,
  );
});

test('a limit of CPU numbers is named as a set, and no more CPUs are proposed than there are', () => {
  const cell = limitedTo({ nginx: { cpus: 1.5, cpuset: '1' } });
  const { sentence, help } = stopped(cell, 4000, { ...loops, utilisation: { ...idle, 'nginx-cpus': 0.98 } });
  assert.match(sentence, /nginx uses 98 % of its CPU set \(1\), while .*; 2 CPUs for nginx would carry about/);
  assert.equal(help?.amount, 2);
  const whole = stopped(limitedTo({ workers: { cpus: 1.6 } }), 800, {
    ...loops,
    utilisation: { ...idle, cpu: 0.85, workers: 0.9, 'workers-cpus': 0.98 },
  });
  assert.ok((whole.help?.amount ?? 9) <= 2, JSON.stringify(whole.help));
});

test('a limit that holds a container up before it is used up is named too, and one that is none of the experiment is not', () => {
  const given = { ...loops, utilisation: { ...idle, 'postgres-cpus': 0.6, 'nginx-cpus': 0.7 }, throttled: 0.4 };
  const cell = limitedTo({ postgres: { cpus: 0.13 }, nginx: { cpus: 0.5 } });
  const known = stopped(cell, 300, { ...given, throttledBy: { postgres: 0.4, nginx: 0.02 } });
  assert.deepEqual([known.cause, known.resource], ['throttled', 'postgres-cpus']);
  assert.match(
    known.sentence,
    /because its limit of 0.13 CPUs held Postgres up 40 % of the time, .*; more than 0.13 CPUs for Postgres would help$/,
  );
  const unknown = stopped(cell, 300, { ...given, throttledBy: { k6: 0.4, nginx: 0.02 } });
  assert.deepEqual([unknown.cause, unknown.resource], ['throttled', 'cpu']);
});

test('what would help is capped by the limit of a container', () => {
  const cell = limitedTo({ nginx: { cpus: 0.5 } });
  const given = { workers: workers(2, { busy: 0.0002, held: 0.021 }), serviceDemand: loops.serviceDemand };
  const utilisation = { ...idle, 'database-connections': 0.97, 'nginx-cpus': 0.8 };
  const { resource, help } = stopped(cell, 1900, { ...given, utilisation });
  assert.deepEqual([resource, help?.cappedBy], ['database-connections', 'nginx-cpus']);
});

test('a queue before workers that are free now and then explains a miss where each request is long', () => {
  const given = { workers: workers(2, { busy: 0.1 }), utilisation: { ...idle, workers: 0.62 } };
  const { resource, cause, sentence } = stopped(waitOn('sync'), 13, given);
  assert.deepEqual([resource, cause], ['workers', 'queue']);
  assert.match(sentence, /requests that take 100 ms each queue for one of 2 workers \(62 % busy\)/);
  const short = stopped(waitOn('sync'), 600, { ...given, workers: workers(2, { busy: 0.002 }) });
  assert.deepEqual([short.resource, short.cause], [null, 'unexplained']);
});

test('where nothing was used up, what was missed is said instead, and that nobody knows what would help', () => {
  const { resource, help, sentence } = stopped(waitOn('hybrid'), 420, { workers: workers(2, { busy: 0.0003 }) });
  assert.deepEqual([resource, help], [null, null]);
  assert.match(
    sentence,
    /^stops at 399\/s although nothing is used up \(CPUs 20 % busy, workers 20 %, database connections 20 %, nginx 5 %\): the p99 response time was (39[6-9]|40[0-4]) ms at 420\/s; what would help cannot be said from these figures$/,
  );
});

for (const asked of [{ cpuSeconds: 0.2 }, { units: 4000 }]) {
  test(`requests that wait behind single ones of ${Object.keys(asked)} are no lack of workers`, () => {
    const requests = [
      { weight: 99, route: 'plain', parameters: {} },
      { weight: 1, route: 'cpu', parameters: asked },
    ] as const;
    const cell: Cell = { deployment: deploymentOf('async', 2), workload: { name: 'mixed', requests } };
    const { cause, sentence } = stopped(cell, 40, { workers: workers(1, { busy: 0.003 }) });
    assert.equal(cause, 'held-up');
    assert.match(sentence, /requests wait behind those that keep an event loop for 200 ms/);
  });
}

test('a load that was carried has not found its limit', () => {
  const cell = waitOn('hybrid');
  const results = [trialOf(cell, 500, true, { workers: workers(2, { busy: 0.0003 }) })];
  const found = bottleneckOf(cell, results, { state: 'at-least', low: 500, limitedBy: 'budget' }, experiment);
  assert.equal(found?.cause, 'limit-not-found');
  assert.match(found?.sentence ?? '', /^still carries 500\/s, the highest load that was tried, with CPUs 20 % busy/);
  assert.equal(found?.above, null);
});

test('where the generator gives out, nobody knows what would have stopped the deployment', () => {
  const cell = waitOn('hybrid');
  const loops = { workers: workers(2, { busy: 0.0003 }) };
  const late = trialOf(cell, 900, true, {
    ...loops,
    utilisation: { ...idle, cpu: 0.97 },
    cpuShare: { nginx: 0.1, workers: 0.17, postgres: 0.1, k6: 0.6 },
  });
  assert.ok(late.state === 'completed');
  const invalid: TrialResult = { ...late, state: 'invalid', reason: { kind: 'schedule-lag', p99: 0.1, limit: 0.025 } };
  const capacity: Capacity = { state: 'at-least', low: 500, limitedBy: 'generator' };
  const found = bottleneckOf(cell, [trialOf(cell, 500, true, loops), invalid], capacity, experiment);
  assert.deepEqual([found?.resource, found?.cause, found?.above], [null, 'generator', null]);
  assert.match(found?.sentence ?? '', /^shows no limit above 500\/s because .*\(k6 60 %, workers 17 %/);
});

test('everything at the highest carried and the lowest missed load stands in the table, and a trial that saw nothing is passed over', () => {
  const cell = waitOn('sync');
  const [first, second] = workers(2, { busy: 0.021, held: 0.02 });
  assert.ok(first && second);
  const given = {
    workers: [first, { ...second, busy: first.busy / 2, inProgress: { mean: 1, most: 9 } }],
    contextSwitches: { voluntary: 1.5, involuntary: 0.1 },
    activeBackends: { mean: 1.9, most: 2 },
  };
  const results = [
    trialOf(cell, 80, true, given),
    trialOf(cell, 90, false, { ...given, observed: 0.01 }),
    trialOf(cell, 95, false, given),
  ];
  const capacity: Capacity = { state: 'bracketed', low: 80, estimate: 84, high: 90, interval: 'model' };
  const found = bottleneckOf(cell, results, capacity, experiment);
  assert.equal(found?.at?.arrivalRate, 80);
  assert.equal(found?.above?.arrivalRate, 95);
  const { workersBusy, heldPerWorker, contextSwitches, databaseConnections } = found?.above ?? {};
  assert.deepEqual(workersBusy, { lowest: first.busy / 20, highest: first.busy / 10 });
  assert.deepEqual(heldPerWorker, { mean: 2, most: 9 });
  assert.deepEqual(contextSwitches, given.contextSwitches);
  assert.deepEqual(databaseConnections, { inUse: 0.4, activeBackends: given.activeBackends });
});

test('a hidden deployment with more slots than database connections can be stopped by its connections', () => {
  const utilisation = { ...idle, 'database-connections': 0.95 };
  const resourceAt = (concurrencyLimit: number) => {
    const deployment = deploymentOf({ ...topologyOf('hybrid'), concurrencyLimit }, 2, { hidden: true });
    return stopped({ ...waitOn('hybrid'), deployment }, 1300, { utilisation }).resource;
  };
  assert.equal(resourceAt(1000), 'database-connections');
  assert.notEqual(resourceAt(20), 'database-connections');
});
