import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { deploymentOf } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import { listEndpoints } from '../../../model/stack-plan.ts';
import { topologyOf } from '../../../model/topology.ts';
import { areFree, assignPorts, claimPorts, portsNeeded } from './ports.ts';

test('claimed ports are free, in a row, and below those of outgoing connections', async () => {
  await using claim = await claimPorts(100);
  const [first = 0] = claim.ports;
  assert.deepEqual(
    claim.ports,
    Array.from({ length: 100 }, (_, index) => first + index),
  );
  assert.ok(first >= 20_000 && first + 100 <= 32_768, `${first}`);
  assert.ok(await areFree(claim.ports));
});

test('thirty claims at the same moment have no port in common', async () => {
  const claims = await Promise.all(Array.from({ length: 30 }, () => claimPorts(70)));
  const ports = claims.flatMap(claim => claim.ports);
  assert.equal(new Set(ports).size, 30 * 70);
  await Promise.all(claims.map(claim => claim.release()));
});

test('a port on which a program listens is not free', async () => {
  await using claim = await claimPorts(2);
  const [port = 0, other = 0] = claim.ports;
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  assert.equal(await areFree([other, port]), false);
  assert.equal(await areFree([other]), true);
  server.close();
  await once(server, 'close');
});

test('more ports than there are are refused, and an interrupted claim throws the reason', async () => {
  await assert.rejects(claimPorts(20_000), { code: 'deployment-impossible' });
  const reason = new LoadlineError('interrupted', 'Ctrl-C');
  await assert.rejects(claimPorts(1, AbortSignal.abort(reason)), reason);
});

const deployments = [deploymentOf('sync', 2), deploymentOf('threads', 2, { threadsPerProcess: 3 })];
const inARow = (count: number) => Array.from({ length: count }, (_, index) => 21_000 + index);

test('every part has a port of its own, and none is left over', () => {
  const ports = inARow(portsNeeded(deployments));
  const { postgres, status, dashboard, plan } = assignPorts(deployments, ports);
  const [sync, threads] = plan.deployments;
  assert.ok(sync && threads);
  assert.deepEqual(
    { postgres, status, ...dashboard },
    { postgres: 21_000, status: 21_001, page: 21_002, web: 21_003, desk: 21_004 },
  );
  assert.deepEqual(sync.processes, [
    { controlPort: 21_006, workerPort: 21_007 },
    { controlPort: 21_008, workerPort: 21_009 },
  ]);
  assert.deepEqual(listEndpoints(threads), ['127.0.0.1:21012', '127.0.0.1:21013', '127.0.0.1:21014']);
  assert.equal(ports.at(-1), 21_014);
});

test('clients reach a deployment on its preferred port, and workers stay where they are', () => {
  const preferred = new Map(deployments.slice(0, 1).map(first => [first, 8081]));
  const { plan } = assignPorts(deployments, inARow(portsNeeded(deployments)), preferred);
  assert.deepEqual(
    plan.deployments.map(({ nginxPort }) => nginxPort),
    [8081, 21_010],
  );
  assert.equal(plan.deployments.flatMap(listEndpoints)[0], '127.0.0.1:21007');
});

test('processes that share a port take one for requests, and each one for its control', () => {
  const shared = [deploymentOf({ ...topologyOf('hybrid'), listen: 'replica' }, 3)];
  const [planned] = assignPorts(shared, inARow(portsNeeded(shared))).plan.deployments;
  assert.deepEqual(
    planned?.processes,
    [21_007, 21_008, 21_009].map(controlPort => ({ controlPort, workerPort: 21_006 })),
  );
});
