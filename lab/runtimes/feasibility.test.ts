import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Containers, deploymentOf } from '../../model/deployment.ts';
import { inheritedEnvironment } from './child-process.ts';
import { requireLimitable, requirePossible } from './feasibility.ts';

const small = [deploymentOf('sync', 2), deploymentOf('hybrid', 2)];
const GB = 1e9;
const limited = (containers: Containers) => [deploymentOf('sync', 2), deploymentOf('hybrid', 2, { containers })];
const compose = { name: 'compose', containerCpus: 2 } as const;

test('deployments within the memory of the machine, and limits within the CPUs of the engine, are possible', () => {
  requirePossible(small, GB);
  requireLimitable(limited({ workers: { cpus: 2, cpuset: '0-1' }, nginx: { memory: 1e8 } }), compose);
  requireLimitable(small, { name: 'local' });
});

test('deployments that need far more memory than there is are refused, with the largest and what to do', () => {
  const large = deploymentOf('sync-threads', 64, { threadsPerProcess: 50 });
  assert.throws(() => requirePossible([...small, large], 24 * GB), {
    code: 'memory-short',
    message: /89 GB.*sync-threads-64x50-3200.*24 GB.*--runtime simulated/,
  });
});

const refused: [what: string, check: () => void, message: RegExp][] = [
  ['two deployments of the same name', () => requirePossible([...small, deploymentOf('sync', 2)]), /sync-2x1-2/],
  ['an impossible number', () => requirePossible([deploymentOf('async', 2, { processes: 3 })]), /async.*3/],
  [
    'limits where there are no containers',
    () => requireLimitable(limited({ nginx: { cpus: 0.2 } }), { name: 'local' }),
    /hybrid-2x1-40-n200m.*--runtime compose/,
  ],
  [
    'limits of a simulation',
    () => requireLimitable(limited({ postgres: { memory: 1e9 } }), { name: 'simulated' }),
    /--runtime compose/,
  ],
  [
    'limits above the CPUs of the engine',
    () => requireLimitable(limited({ postgres: { cpus: 2.5 } }), compose),
    /postgres.*2\.5/,
  ],
  [
    'limits to a CPU that the engine lacks',
    () => requireLimitable(limited({ nginx: { cpuset: '1-2' } }), compose),
    /nginx.*CPU 2/,
  ],
];
for (const [what, check, message] of refused) {
  test(`${what}: refused by name`, () => assert.throws(check, { code: 'deployment-impossible', message }));
}

test('what would change a measurement is not inherited, and what a program needs is', () => {
  const exported = ['LOADLINE_LOG_LEVEL', 'UV_THREADPOOL_SIZE', 'PGOPTIONS', 'NODE_OPTIONS', 'PM2_HOME'];
  for (const name of exported) process.env[name] = 'exported';
  const environment = inheritedEnvironment({ LOADLINE_DATABASE_URL: 'postgres://one' });
  for (const name of exported) {
    assert.ok(!(name in environment), name);
    delete process.env[name];
  }
  assert.equal(environment.PATH, process.env.PATH);
  assert.equal(environment.LOADLINE_DATABASE_URL, 'postgres://one');
});
