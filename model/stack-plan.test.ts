import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from './deployment.ts';
import {
  listControls,
  listEndpoints,
  listPrograms,
  listWorkerAddresses,
  planDeployment,
  planOneProcess,
  portsAtPlace,
} from './stack-plan.ts';
import { topologyOf } from './topology.ts';

const at = { nginxHost: 'nginx', nginxPort: 8083, publishedPort: 8083 };

test('in a container each process has a control port, and each thread a port for requests', () => {
  const deployment = deploymentOf('sync-threads', 2, { threadsPerProcess: 3 });
  const planned = planDeployment(deployment, { ...at, host: 'pool', processes: portsAtPlace(deployment, 0, 6) });
  assert.equal(planned.id, 'sync-threads-2x3-6');
  assert.deepEqual(listControls(planned), ['http://pool:10001', 'http://pool:10002']);
  assert.deepEqual(
    listEndpoints(planned),
    [1, 2, 3, 4, 5, 6].map(worker => `pool:${20_000 + worker}`),
  );
});

test('each deployment has a database role of its own, whose name Postgres takes whole', () => {
  const plan = (memory: number) => {
    const containers = { workers: { cpus: 0.6, cpuset: '0-2,5', memory }, nginx: { cpus: 1.5, cpuset: '0-2,5' } };
    return planOneProcess(deploymentOf('async-express', 2, { containers }), 8086, 20_001);
  };
  assert.equal(planOneProcess(deploymentOf('async', 1), 8084, 20_001).databaseRole, 'async-1x1-40');
  const [one, other] = [plan(400_000_001), plan(400_000_002)].map(({ databaseRole }) => databaseRole);
  assert.equal(one, 'async-express-2x1-40-w600m-set0-2and5-400000001b-n1500-a35920c8');
  assert.equal(one?.length, 63);
  assert.notEqual(one, other);
});

test('processes that share a port are one endpoint and one program, each with a control port', () => {
  const shared = { ...topologyOf('hybrid'), listen: 'replica' } as const;
  const deployment = deploymentOf(shared, 4);
  const planned = planDeployment(deployment, { ...at, host: 'shared', processes: portsAtPlace(deployment, 0, 1) });
  assert.deepEqual(listEndpoints(planned), ['shared:20001']);
  assert.deepEqual(listWorkerAddresses(planned), Array(4).fill('shared:20001'));
  assert.deepEqual(listPrograms(planned), [
    {
      name: 'hybrid-4x1-40-1',
      processes: [1, 2, 3, 4].map(process => ({ controlPort: 10_000 + process, workerPort: 20_001 })),
    },
  ]);
});

test('threads without ports of their own are behind the one port of their process', () => {
  const own = { ...topologyOf('sync-threads'), listen: 'process' } as const;
  const deployment = deploymentOf(own, 2, { threadsPerProcess: 3 });
  const planned = planDeployment(deployment, { ...at, host: 'pool', processes: portsAtPlace(deployment, 0, 6) });
  assert.deepEqual(listEndpoints(planned), ['pool:20001', 'pool:20002']);
});

test('no two places share a port, and all lie below those that a system gives to connections', () => {
  const deployment = deploymentOf('sync-threads', 20, { threadsPerProcess: 20 });
  const ports = [0, 1, 2, 3, 4, 5, 6].flatMap(place =>
    portsAtPlace(deployment, place, 7).flatMap(({ controlPort, workerPort }) => [
      controlPort,
      ...Array.from({ length: 20 }, (_, thread) => workerPort + thread),
    ]),
  );
  assert.equal(new Set(ports).size, ports.length);
  assert.ok(Math.max(...ports) < 32_768);
});

test('a place that there is not has no ports', () => {
  const deployment = deploymentOf('async', 1);
  for (const place of [-1, 12]) assert.throws(() => portsAtPlace(deployment, place, 12), RangeError);
});

test('a deployment with more workers than its place has ports is refused', () => {
  assert.throws(
    () => portsAtPlace(deploymentOf('threads', 1, { threadsPerProcess: 3000 }), 0, 6),
    /threads-1x3000-3000/,
  );
});
