import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../../model/deployment.ts';
import { endpointsOf } from '../../../model/stack-plan.ts';
import { topologyOf } from '../../../model/topology.ts';
import { placed, portsNeeded } from './placement.ts';

const deployments = [deploymentOf('sync', 2), deploymentOf('threads', 2, { threadsPerProcess: 3 })];

test('every part has a port of its own, and none is left over', () => {
  const ports = Array.from({ length: portsNeeded(deployments) }, (_, index) => 21_000 + index);
  const { postgres, status, dashboard, plan } = placed(deployments, ports, new Map());
  const [sync, threads] = plan.deployments;
  assert.ok(sync && threads);
  assert.equal(postgres, 21_000);
  assert.equal(status, 21_001);
  assert.deepEqual(dashboard, { page: 21_002, web: 21_003, desk: 21_004 });
  assert.deepEqual(sync.processes, [
    { controlPort: 21_006, workerPort: 21_007 },
    { controlPort: 21_008, workerPort: 21_009 },
  ]);
  assert.deepEqual(endpointsOf(threads), ['127.0.0.1:21012', '127.0.0.1:21013', '127.0.0.1:21014']);
  assert.equal(ports.at(-1), 21_014);
});

test('clients reach a deployment on its preferred port, and workers stay where they are', () => {
  const ports = Array.from({ length: portsNeeded(deployments) }, (_, index) => 21_000 + index);
  const [first] = deployments;
  assert.ok(first);
  const { plan } = placed(deployments, ports, new Map([[first, 8081]]));
  assert.deepEqual(
    plan.deployments.map(({ nginxPort }) => nginxPort),
    [8081, 21_010],
  );
  assert.deepEqual(plan.deployments.flatMap(endpointsOf)[0], '127.0.0.1:21007');
});

test('processes that share a port take one for requests, and each one for its control', () => {
  const shared = [deploymentOf({ ...topologyOf('hybrid'), listen: 'replica' }, 3)];
  const ports = Array.from({ length: portsNeeded(shared) }, (_, index) => 21_000 + index);
  const [planned] = placed(shared, ports, new Map()).plan.deployments;
  assert.deepEqual(
    planned?.processes,
    [21_007, 21_008, 21_009].map(controlPort => ({ controlPort, workerPort: 21_006 })),
  );
  assert.equal(ports.at(-1), 21_009);
});
