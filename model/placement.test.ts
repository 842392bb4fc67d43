import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from './deployment.ts';
import { placedInContainer, workerPortsOf } from './placement.ts';

test('in a container of their own processes and workers listen on consecutive ports', () => {
  const placed = placedInContainer(deploymentOf('sync-threads', 2, { threadsPerProcess: 3 }));
  assert.deepEqual(placed.processes, [
    { controlPort: 10_001, workerPort: 20_001 },
    { controlPort: 10_002, workerPort: 20_004 },
  ]);
  assert.deepEqual(workerPortsOf(placed), [20_001, 20_002, 20_003, 20_004, 20_005, 20_006]);
});

test('a process that has no place is told instead of being left out', () => {
  const { deployment, processes } = placedInContainer(deploymentOf('hybrid', 2));
  assert.throws(() => workerPortsOf({ deployment, processes: processes.slice(0, 1) }), /process 2 of hybrid/);
});
