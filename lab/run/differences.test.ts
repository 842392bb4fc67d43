import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkerCounters } from '../../model/wire.ts';
import { differences, type Snapshot } from './observation.ts';

import { nothingRead } from './testdata/nothing-read.ts';

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
const seen = {
  held: new Map([['hybrid-1.1', { mean: 4, most: 9 }]]),
  activeBackends: { mean: 3, most: 8 },
  connectionsInUse: { mean: 4, most: 9 },
};

test('what two snapshots differ by is told per request, or as a part of the time and of what there is', () => {
  const observed = differences(before, after, seen, known);
  assert.equal(observed.observed, 10);
  assert.deepEqual(observed.serviceDemand, { nginx: 0.004, workers: 0.002, postgres: 0.001, k6: 0.003 });
  assert.deepEqual(observed.utilisation, { cpu: 0.6, workers: 0.8, 'database-connections': 0.25, nginx: 0.2 });
  assert.deepEqual(observed.contextSwitches, { voluntary: 2, involuntary: 0.05 });
  assert.equal(observed.throttled, 0.1);
  assert.equal(observed.steal, 0.05);
  assert.deepEqual(observed.activeBackends, seen.activeBackends);
  assert.equal('connectionsInUse' in observed, false, 'its workers have counted them');
  assert.deepEqual(observed.workers, [
    {
      ...{ name: 'hybrid-1.1', completed: 1000, busy: 8, databaseWait: 40, connectionsHeld: 50, connectionWait: 2 },
      inProgress: { mean: 4, most: 9 },
    },
  ]);
});

test('what a container used of its limit is told, and which containers their limits held up', () => {
  const containers = { workers: { cpus: 0.8 }, nginx: { cpus: 1.5, cpuset: '1' }, postgres: { memory: 1e8 } };
  const { utilisation, throttledBy } = differences(before, after, seen, { ...known, containers });
  assert.deepEqual(utilisation, {
    ...{ cpu: 0.6, workers: 0.8, 'database-connections': 0.25, nginx: 0.2 },
    ...{ 'workers-cpus': 0.25, 'nginx-cpus': 0.4 },
  });
  assert.equal(throttledBy?.nginx, 0.1);
  assert.ok(Math.abs((throttledBy?.workers ?? 0) - 0.02) < 1e-9);
  const freely = differences(before, { ...after, throttled: before.throttled }, seen, known);
  assert.deepEqual([freely.throttled, 'throttledBy' in freely], [0, false]);
});

test('several CPUs that are held up at once are no more than all of the time', () => {
  assert.equal(differences(before, { ...after, throttled: { nginx: 40, workers: 100 } }, seen, known).throttled, 1);
});

test('what could not be read at both ends is not known, and a worker that nobody saw held nothing', () => {
  const blind = differences(
    { ...before, throttled: { nginx: null, workers: null } },
    { ...after, contextSwitches: null },
    { held: new Map(), activeBackends: null, connectionsInUse: null },
    known,
  );
  assert.deepEqual([blind.throttled, blind.contextSwitches, blind.activeBackends], [null, null, null]);
  assert.deepEqual(blind.workers?.[0]?.inProgress, { mean: 0, most: 0 });
});

test('of a hidden deployment completions are k6’s, and connections in use those that were sampled', () => {
  const { workers: _, contextSwitches: __, ...hidden } = before;
  const { workers: ___, contextSwitches: ____, ...later } = after;
  const sampled = { held: new Map(), activeBackends: { mean: 4, most: 7 }, connectionsInUse: { mean: 5, most: 8 } };
  const observed = differences(hidden, later, sampled, known);
  assert.deepEqual(observed.utilisation, { cpu: 0.6, 'database-connections': 0.25, nginx: 0.2 });
  assert.deepEqual(
    [observed.activeBackends, observed.connectionsInUse],
    [sampled.activeBackends, sampled.connectionsInUse],
  );
  assert.equal(observed.serviceDemand.postgres, 1 / 900);
  assert.deepEqual(['workers' in observed, 'contextSwitches' in observed], [false, false]);
});
