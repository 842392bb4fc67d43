import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentName } from '../model/deployment.ts';
import { resources } from '../model/measurement.ts';
import { isConcurrencyLimited } from '../model/topology.ts';
import { bottleneckCases, isRight, knownLimits, searched } from './bottleneck-cases.ts';

for (const [index, one] of bottleneckCases.entries()) {
  const { deployment, workload } = one.cell;
  const { resource, causes } = one.expected;
  const what = `${deploymentName(deployment)} on ${workload.name}, ${one.cpus} CPUs`;

  test(`${what}: ${one.because}, and it is found to be ${resource ?? causes[0]}`, () => {
    const { bottleneck } = searched(one, index + 1);
    assert.ok(isRight(bottleneck, one), JSON.stringify(bottleneck));
  });

  if (resource === null) continue;
  test(`${what}: by construction ${resource} give out long before anything else`, () => {
    const limits = knownLimits(one);
    const limited = isConcurrencyLimited(deployment.spec);
    const others = resources.filter(other => other !== resource && !(limited && other === 'database-connections'));
    for (const other of others) assert.ok(limits[other] > 1.5 * limits[resource], JSON.stringify(limits));
  });
}
