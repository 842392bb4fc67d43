import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentName } from '../../model/deployment.ts';
import { topologyNames } from '../../model/topology.ts';
import { chooseDeployments } from './up.ts';

const chosen = (args: string[], asked = {}) => chooseDeployments(args, 2, asked).map(deploymentName);

test('all topologies are started unless some are named', () => {
  assert.equal(chosen([]).length, topologyNames.length);
  assert.deepEqual(chosen(['hybrid', 'sync']), ['sync-2x1-2', 'hybrid-2x1-40']);
});

test('a topology is started in two sizes, where its argument says another one', () => {
  assert.deepEqual(chosen(['hybrid', 'hybrid:databaseConnections=8']), ['hybrid-2x1-40', 'hybrid-2x1-8']);
  assert.deepEqual(chosen(['sync-threads:processes=1,threads=4']), ['sync-threads-1x4-4']);
  assert.deepEqual(chosen(['hybrid', 'hybrid:processes=1'], { databaseConnections: 20 }), [
    'hybrid-2x1-20',
    'hybrid-1x1-20',
  ]);
});
