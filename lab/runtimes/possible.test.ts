import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Containers, type Deployment, deploymentOf } from '../../model/deployment.ts';
import { requireLimitable, requirePossible } from './possible.ts';

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

const limited = (containers: Containers) => [deploymentOf('sync', 2), deploymentOf('hybrid', 2, { containers })];
const compose = { name: 'compose', containerCpus: 2 } as const;

test('limits within the CPUs of the engine are possible, and a deployment without any anywhere', () => {
  requireLimitable(limited({ workers: { cpus: 2, cpuset: '0-1' }, nginx: { memory: 1e8 } }), compose);
  requireLimitable(small, { name: 'local' });
});

const beyond: [
  what: string,
  containers: Containers,
  runtime: Parameters<typeof requireLimitable>[1],
  message: RegExp,
][] = [
  [
    'where there are no containers',
    { nginx: { cpus: 0.2 } },
    { name: 'local' },
    /^hybrid-2x1-40-n200m .*--runtime compose/,
  ],
  ['of a simulation', { postgres: { memory: 1e9 } }, { name: 'simulated' }, /--runtime simulated .*--runtime compose/],
  ['above the CPUs of the engine', { postgres: { cpus: 2.5 } }, compose, /gives postgres 2.5 CPUs, .* has 2 CPUs/],
  ['to a CPU that the engine lacks', { nginx: { cpuset: '1-2' } }, compose, /puts nginx on CPU 2, .*: 0 to 1;/],
];
for (const [what, containers, runtime, message] of beyond) {
  test(`limits ${what} are refused, by name, with what to do`, () => {
    assert.throws(() => requireLimitable(limited(containers), runtime), { code: 'deployment-impossible', message });
  });
}

for (const [what, deployments, message] of [
  ['is there twice', [deploymentOf('sync', 2), deploymentOf('sync', 2)], /^sync-2x1-2 is there twice; choose other/],
  ['cannot be', [deploymentOf('async', 2, { processes: 3 })], /^async is one process, not 3; choose other numbers$/],
] as [string, Deployment[], RegExp][]) {
  test(`a deployment that ${what} is refused`, () => {
    assert.throws(() => requirePossible(deployments), { code: 'deployment-impossible', message });
  });
}
