import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import type { DeploymentId } from '../protocol.ts';
import { initialSettings } from './initial-settings.ts';
import { settingsRefusal } from './load-limits.ts';

const stacks: [sentence: string, cpus: number, present: DeploymentId[], shown: DeploymentId[], arrivalRate: number][] =
  [
    ['a pool, and event loops in as many processes', 1, ['sync', 'async', 'hybrid'], ['sync', 'hybrid'], 50],
    ['sync and hybrid, where they are there', 2, ['sync', 'threads', 'hybrid'], ['sync', 'hybrid'], 100],
    ['sync alone', 2, ['sync', 'threads'], ['sync'], 100],
    ['a pool of threads beside one loop', 2, ['threads', 'async', 'async-express'], ['threads', 'async'], 400],
    ['the first two, where there is no pool', 2, ['async', 'hybrid', 'async-express'], ['async', 'hybrid'], 100],
    ['the only one', 2, ['async'], ['async'], 100],
    ['no more than is allowed', 64, ['sync', 'hybrid'], ['sync', 'hybrid'], 1000],
  ];

for (const [sentence, cpus, present, shown, arrivalRate] of stacks) {
  test(`on the stage at first: ${sentence}`, () => {
    const deployments = present.map(id => ({ id, deployment: deploymentOf(id, cpus) }));
    const settings = initialSettings({
      deployments: deployments.map(staged => ({
        ...staged,
        target: 'http://127.0.0.1:1',
        nginxPort: 1,
        controls: [],
      })),
    });
    assert.deepEqual(settings, {
      deployments: shown,
      workload: { route: 'wait', parameters: { ms: 20 } },
      load: { model: 'open', arrivalRate },
      running: true,
    });
    assert.equal(settingsRefusal(settings, { deployments, cpus }), undefined);
  });
}
