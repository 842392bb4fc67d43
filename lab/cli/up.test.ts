import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalOf } from '../../services/deployment.ts';
import { topologyNames, topologyOf } from '../../services/topologies.ts';
import { deploymentWith } from './up.ts';

test('a number of database connections can be asked of all topologies at once', () => {
  for (const topology of topologyNames) {
    const deployment = deploymentWith(topology, { processes: 2, threads: 3, databaseConnections: 40 });
    const workers = deployment.processes * deployment.threadsPerProcess;
    assert.equal(deployment.databaseConnections, topologyOf(topology).blocking ? workers : 40);
    assert.equal(refusalOf(deployment), undefined);
  }
});

test('fewer connections than workers are not made into more', () => {
  const deployment = deploymentWith('threads', { databaseConnections: 4 });
  assert.match(refusalOf(deployment) ?? '', /8 workers and only 4/);
});
