import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Deployment, deploymentOf } from '../../services/deployment.ts';
import { requirePossible } from './possible.ts';

const small = [deploymentOf('sync', 2), deploymentOf('hybrid', 2)];
const GB = 1e9;

test('deployments that fit into the memory of the machine are possible', () => {
  requirePossible(small, GB);
});

test('deployments that need far more memory than there is are refused, with the largest and what to do', () => {
  const large = deploymentOf('sync-threads', 64, { threadsPerProcess: 50 });
  assert.throws(() => requirePossible([...small, large], 24 * GB), {
    code: 'memory-short',
    message: /about 89 GB, sync-threads-64x50-3200 alone 89 GB, and this machine has 24 GB; .* --runtime simulated$/,
  });
});

for (const [what, deployments, message] of [
  ['is there twice', [deploymentOf('sync', 2), deploymentOf('sync', 2)], /^sync-2x1-2 is there twice; choose other/],
  ['cannot be', [deploymentOf('async', 2, { processes: 3 })], /^async is one process, not 3; choose other numbers$/],
] as [string, Deployment[], RegExp][]) {
  test(`a deployment that ${what} is refused`, () => {
    assert.throws(() => requirePossible(deployments), { code: 'deployment-impossible', message });
  });
}
