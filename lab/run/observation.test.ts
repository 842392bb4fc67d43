import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkerCounters } from '../../model/wire.ts';
import type { RoleSessions } from '../probe/sessions.ts';
import { differences, Sampler, type Samples, type Snapshot } from './observation.ts';
import { idleObserver, nothingRead } from './testdata/nothing-read.ts';

const started: WorkerCounters = {
  name: 'hybrid-1.1',
  port: 10001,
  inProgress: 0,
  completed: 100,
  busy: 5,
  databaseWait: 1,
  connectionsInUse: 0,
  connectionsOpen: 0,
  connectionsHeld: 1,
  connectionWait: 1,
  databaseConnections: 20,
};
const before: Snapshot = {
  ...nothingRead,
  time: 100,
  cpu: { nginx: 1, workers: 2, postgres: 3, k6: 4 },
  machine: { busy: 50, total: 200, steal: 1 },
  nginxProcesses: 2,
  throttled: { nginx: 0.5, workers: 100 },
  contextSwitches: { voluntary: 1000, involuntary: 100 },
  workers: [started],
};
const after: Snapshot = {
  ...before,
  time: 110,
  cpu: { nginx: 5, workers: 4, postgres: 4, k6: 7 },
  machine: { busy: 62, total: 220, steal: 2 },
  throttled: { nginx: 1.5, workers: 100.2 },
  contextSwitches: { voluntary: 3000, involuntary: 150 },
  workers: [{ ...started, completed: 1100, busy: 13, databaseWait: 41, connectionsHeld: 51, connectionWait: 3 }],
};
const known = { databaseConnections: 20, throughput: 90 };
const seen: Samples = {
  held: new Map([['hybrid-1.1', { mean: 4, most: 9 }]]),
  activeBackends: { mean: 3, most: 8 },
  connectionsInUse: { mean: 4, most: 9 },
};
const blind: Samples = { held: new Map(), activeBackends: null, connectionsInUse: null };

test('two snapshots differ per request, or as a part of the time and of what there is', () => {
  const { throttledBy: _, ...observed } = differences(before, after, seen, known);
  assert.deepEqual(observed, {
    observed: 10,
    serviceDemand: { nginx: 0.004, workers: 0.002, postgres: 0.001, k6: 0.003 },
    utilisation: { cpu: 0.6, workers: 0.8, 'database-connections': 0.25, nginx: 0.2 },
    cpuShare: { nginx: 0.2, workers: 0.1, postgres: 0.05, k6: 0.15 },
    contextSwitches: { voluntary: 2, involuntary: 0.05 },
    ...{ throttled: 0.1, steal: 0.05, activeBackends: seen.activeBackends },
    workers: [
      {
        ...{ name: 'hybrid-1.1', completed: 1000, busy: 8, databaseWait: 40, connectionsHeld: 50, connectionWait: 2 },
        inProgress: { mean: 4, most: 9 },
      },
    ],
  });
});

test('the used part of each container limit is told, and which containers their limits held up', () => {
  const containers = { workers: { cpus: 0.8 }, nginx: { cpus: 1.5, cpuset: '1' }, postgres: { memory: 1e8 } };
  const { utilisation, throttledBy } = differences(before, after, seen, { ...known, containers });
  const { 'workers-cpus': workers, 'nginx-cpus': nginx, 'postgres-cpus': postgres } = utilisation;
  assert.deepEqual([workers, nginx, postgres], [0.25, 0.4, undefined]);
  assert.equal(throttledBy?.nginx, 0.1);
  assert.ok(Math.abs((throttledBy?.workers ?? 0) - 0.02) < 1e-9);
});

const throttled: [what: string, after: Snapshot['throttled'], part: number][] = [
  ['nothing that was held up', before.throttled, 0],
  ['several CPUs that were held up at once, but no more than all of the time', { nginx: 40, workers: 100 }, 1],
];
for (const [what, times, part] of throttled) {
  test(`limits held up ${part} of the time with ${what}`, () => {
    assert.equal(differences(before, { ...after, throttled: times }, seen, known).throttled, part);
  });
}

test('what could not be read at both ends is not known, and an unseen worker held nothing', () => {
  const unread = { ...before, throttled: { nginx: null, workers: null } };
  const observed = differences(unread, { ...after, contextSwitches: null }, blind, known);
  assert.deepEqual([observed.throttled, observed.contextSwitches, observed.activeBackends], [null, null, null]);
  assert.deepEqual(observed.workers?.[0]?.inProgress, { mean: 0, most: 0 });
});

test('k6 counts the completions of a hidden deployment, and samples its connections in use', () => {
  const [hidden, later] = [before, after].map(({ workers: _, contextSwitches: __, ...rest }) => rest);
  assert.ok(hidden && later);
  const observed = differences(hidden, later, { ...seen, connectionsInUse: { mean: 5, most: 8 } }, known);
  assert.deepEqual(observed.utilisation, { cpu: 0.6, 'database-connections': 0.25, nginx: 0.2 });
  assert.deepEqual(observed.connectionsInUse, { mean: 5, most: 8 });
  assert.equal(observed.serviceDemand.postgres, 1 / 900);
  assert.deepEqual(['workers' in observed, 'contextSwitches' in observed], [false, false]);
});

const sampled: [what: string, sessions: () => Promise<RoleSessions | null>, Omit<Samples, 'held'>][] = [
  [
    'sessions that are counted',
    async () => ({ active: 4, inUse: 5, open: 9 }),
    { activeBackends: { mean: 4, most: 4 }, connectionsInUse: { mean: 5, most: 5 } },
  ],
  ['sessions that cannot be counted', async () => null, { activeBackends: null, connectionsInUse: null }],
  ['looks that fail', () => Promise.reject(new Error('away')), { activeBackends: null, connectionsInUse: null }],
];
for (const [what, sessions, connections] of sampled) {
  test(`a sampler gives mean and most of what it saw, with ${what}, and looks no more once it is stopped`, async () => {
    const { promise: isSeen, resolve } = Promise.withResolvers<void>();
    let looks = 0;
    const held = async () => {
      looks++;
      if (looks === 3) resolve();
      return new Map([['sync-1.1', looks]]);
    };
    const sampler = new Sampler({ ...idleObserver, held, sessions }, { model: 'burst', requests: 10 }, nothingRead);
    await isSeen;
    assert.deepEqual(await sampler.stop(), { held: new Map([['sync-1.1', { mean: 2, most: 3 }]]), ...connections });
    assert.equal(looks, 3);
    assert.equal(process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length, 0);
  });
}
