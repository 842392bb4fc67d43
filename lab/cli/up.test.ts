import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentName } from '../../model/deployment.ts';
import { topologyNames } from '../../model/topology.ts';
import { chosenDeployments } from './up.ts';

const chosen = (args: string[], asked = {}) => chosenDeployments(args, 2, asked).map(deploymentName);

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

const mistakes: [args: string[], message: RegExp][] = [
  [['gone'], /^gone: the topology is "gone"; it can be sync, /],
  [['hybrid', 'hybrid'], /^hybrid-2x1-40 is named twice; give one of them another size, as in hybrid hybrid:/],
  [['hybird'], /did you mean "hybrid"\?/],
  [['hybrid:databaseConnection=8'], /did you mean "databaseConnections"\?/],
  [['hybrid:connections=8'], /can be processes, threads, databaseConnections$/],
  [['hybrid:databaseConnections=0'], /: databaseConnections is "0"; it must be a whole number from 1 to 9999$/],
  [['hybrid:processes=x'], /: processes is "x"; it must be a whole number from 1 to 9999$/],
  [['hybrid:'], /can be processes, threads, databaseConnections$/],
];
for (const [args, message] of mistakes) {
  test(`a mistake is told: ${args.join(' ')}`, () => {
    assert.throws(() => chosen(args), { name: 'LoadlineError', code: 'usage', message });
  });
}
