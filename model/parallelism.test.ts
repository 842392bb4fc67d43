import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from './deployment.ts';
import { deriveParallelism, type Parallelism, type SizedTopology } from './parallelism.ts';

const any = Number.POSITIVE_INFINITY;
const { spec: loop } = deploymentOf('hybrid', 1);
const shared = { ...loop, listen: 'replica' } as const;

const cases: readonly (readonly [what: string, sized: SizedTopology, derived: Parallelism])[] = [
  ['sync on 4 CPUs', deploymentOf('sync', 4), facts(4, 4, 4, 4)],
  ['threads', deploymentOf('threads', 4), facts(8, 8, 8, 8)],
  ['sync-threads on 2 CPUs', deploymentOf('sync-threads', 2), facts(16, 16, 16, 16)],
  ['async', deploymentOf('async', 4), facts(1, 1, any, 1)],
  ['hybrid on 4 CPUs', deploymentOf('hybrid', 4), facts(4, 4, any, 4)],
  ['node-cluster on 4 CPUs', deploymentOf('node-cluster', 4), { ...facts(1, 4, any, 4), dispatch: 'kept-connections' }],
  [
    'processes that share a port and close connections',
    { spec: { ...shared, concurrencyLimit: 1, keepAlive: false }, processes: 4, threadsPerProcess: 1 },
    { ...facts(1, 4, 4, 4), dispatch: 'one-queue' },
  ],
  [
    'threads behind a global lock',
    { spec: { ...shared, concurrencyLimit: 'threads', keepAlive: false }, processes: 2, threadsPerProcess: 5 },
    { ...facts(1, 10, 10, 2), dispatch: 'one-queue' },
  ],
  [
    'event loops with a limit',
    { spec: { ...loop, concurrencyLimit: 1000 }, processes: 2, threadsPerProcess: 1 },
    facts(2, 2, 2000, 2),
  ],
  [
    'one process that uses all CPUs',
    { spec: { ...loop, cpusPerProcess: 'all' }, processes: 1, threadsPerProcess: 1 },
    facts(1, 1, any, any),
  ],
];

function facts(endpoints: number, workers: number, slots: number, cpuCeiling: number): Parallelism {
  return { endpoints, workers, slots, cpuCeiling, dispatch: 'least-connections' };
}

for (const [what, sized, derived] of cases) {
  test(`of ${what} everything follows from its topology and sizes`, () =>
    assert.deepEqual(deriveParallelism(sized), derived));
}
