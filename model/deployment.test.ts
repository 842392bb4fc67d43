import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cpuNumbers,
  type Deployment,
  deploymentName,
  deploymentNear,
  deploymentOf,
  evenShares,
  limitedCpus,
  listWorkers,
  refusalOf,
} from './deployment.ts';
import { isConcurrencyLimited, topologies, topologyNames, topologyOf } from './topology.ts';

const defaults: [topology: (typeof topologyNames)[number], processes: number, threads: number, connections: number][] =
  [
    ['sync', 2, 1, 2],
    ['threads', 1, 8, 8],
    ['sync-threads', 2, 8, 16],
    ['async', 1, 1, 40],
    ['hybrid', 2, 1, 40],
    ['async-express', 2, 1, 40],
  ];

for (const [topology, processes, threadsPerProcess, databaseConnections] of defaults) {
  test(`${topology} on two CPUs has ${processes} × ${threadsPerProcess} workers and ${databaseConnections} connections`, () => {
    const deployment = deploymentOf(topology, 2);
    assert.deepEqual(deployment, {
      ...{ topology, spec: topologyOf(topology), processes, threadsPerProcess, databaseConnections },
    });
    assert.equal(refusalOf(deployment), undefined);
  });
}

const refusals: [Partial<Deployment> & Pick<Deployment, 'topology'>, RegExp][] = [
  [{ topology: 'async', processes: 3 }, /async is one process, not 3/],
  [{ topology: 'hybrid', threadsPerProcess: 2 }, /one worker thread in each process, not 2/],
  [{ topology: 'threads', databaseConnections: 7 }, /8 workers and only 7 database connections/],
  [{ topology: 'sync', processes: 0 }, /processes of sync is 0/],
  [{ topology: 'sync', processes: 1.5 }, /processes of sync is 1.5/],
  [
    { topology: 'sync', databaseConnections: 40 },
    /one database connection for each request that it serves at once: 2, not 40/,
  ],
  [{ topology: 'hybrid', databaseConnections: 1 }, /2 workers and only 1/],
];

for (const [{ topology, ...chosen }, reason] of refusals) {
  test(`${topology} with ${JSON.stringify(chosen)} cannot be`, () => {
    assert.match(refusalOf(deploymentOf(topology, 2, chosen)) ?? '', reason);
  });
}

test('connections are shared out as evenly as they can be, and all of them', () => {
  assert.deepEqual(evenShares(40, 3), [14, 13, 13]);
  assert.deepEqual(evenShares(8, 8), Array(8).fill(1));
  const shares = listWorkers(deploymentOf('hybrid', 3)).map(({ databaseConnections }) => databaseConnections);
  assert.deepEqual(shares, [14, 13, 13]);
});

test('workers are named after their process and their thread', () => {
  const names = listWorkers(deploymentOf('sync-threads', 2, { threadsPerProcess: 2 })).map(({ name }) => name);
  assert.deepEqual(names, ['sync-threads-1.1', 'sync-threads-1.2', 'sync-threads-2.1', 'sync-threads-2.2']);
  assert.equal(deploymentName(deploymentOf('hybrid', 2)), 'hybrid-2x1-40');
});

test('a deployment with limits has a name of its own, which is a name of a host', () => {
  const containers = {
    postgres: { cpus: 0.13 },
    workers: { cpus: 0.6, cpuset: '0-1,3', memory: 400e6 },
    nginx: { cpuset: '0' },
  };
  const name = deploymentName(deploymentOf('hybrid', 2, { containers }));
  assert.equal(name, 'hybrid-2x1-40-w600m-set0-1and3-400mb-n-set0-p130m');
  assert.equal(new URL(`http://${name}:3000`).hostname, name);
  const others = [{ workers: { cpus: 0.6 } }, { nginx: { cpus: 0.6 } }, { workers: { cpus: 0.61 } }, undefined];
  const names = others.map(of => deploymentName(deploymentOf('hybrid', 2, of && { containers: of })));
  assert.equal(new Set([name, ...names]).size, 5);
  assert.equal(names.at(-1), 'hybrid-2x1-40');
});

test('the CPUs of a container are the lower of its limit and the size of its set', () => {
  assert.equal(limitedCpus({ cpus: 0.6, cpuset: '0-1' }), 0.6);
  assert.equal(limitedCpus({ cpus: 3, cpuset: '0,2-3' }), 3);
  assert.equal(limitedCpus({ cpuset: '1' }), 1);
  assert.equal(limitedCpus({ memory: 1e9 }), undefined);
  assert.deepEqual(cpuNumbers('0-2,5'), [0, 1, 2, 5]);
});

test('every topology has a port of its own, and limits its concurrency where its app blocks', () => {
  const ports = Object.values(topologies).map(({ port }) => port);
  assert.equal(new Set(ports).size, topologyNames.length);
  for (const topology of topologies) {
    assert.equal(isConcurrencyLimited(topology), topology.app === 'blocking-express');
  }
});

test('a number of database connections can be asked of all topologies at once', () => {
  for (const topology of topologyNames) {
    const deployment = deploymentNear(topology, 2, { processes: 3, threads: 3, databaseConnections: 40 });
    const workers = deployment.processes * deployment.threadsPerProcess;
    assert.equal(deployment.databaseConnections, isConcurrencyLimited(topologyOf(topology)) ? workers : 40);
    assert.equal(refusalOf(deployment), undefined);
  }
});

test('fewer connections than workers are not made into more', () => {
  const deployment = deploymentNear('threads', 2, { databaseConnections: 4 });
  assert.match(refusalOf(deployment) ?? '', /8 workers and only 4/);
});

test('on a machine of many CPUs every worker still has a connection', () => {
  for (const topology of topologyNames) assert.equal(refusalOf(deploymentOf(topology, 64)), undefined);
  assert.equal(deploymentOf('hybrid', 64).databaseConnections, 64);
});

test('a hidden deployment has a name of its own beside the told one of the same sizes', () => {
  const told = deploymentOf('hybrid', 2);
  assert.equal(deploymentName(told), 'hybrid-2x1-40');
  assert.equal(deploymentName(deploymentOf('hybrid', 2, { hidden: true })), 'hybrid-2x1-40-hidden');
});

test('a process that serves several requests at once has a database connection for each of them', () => {
  const four = { ...topologyOf('sync'), concurrencyLimit: 4 };
  assert.equal(deploymentOf(four, 2).databaseConnections, 8);
  assert.equal(refusalOf(deploymentOf(four, 2)), undefined);
  assert.equal(deploymentNear(four, 2, { databaseConnections: 40 }).databaseConnections, 8);
});
