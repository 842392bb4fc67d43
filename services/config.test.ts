import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { deploymentOf, withoutSpec } from '../model/deployment.ts';
import { ConfigError } from '../model/environment.ts';
import { planOneProcess } from '../model/stack-plan.ts';
import { configOf, plannedDeployment } from './config.ts';
import { availableCpus } from './cpus.ts';

const environment = {
  LOADLINE_TOPOLOGY: 'hybrid',
  LOADLINE_PROCESS: '2',
  LOADLINE_PROCESSES: '2',
  LOADLINE_WORKER_PORT: '21000',
  LOADLINE_CONTROL_PORT: '21001',
  LOADLINE_DATABASE_URL: 'postgres://loadline:secret@127.0.0.1:5432/postgres',
};

test('a configuration is read from the environment', () => {
  assert.deepEqual(configOf(environment), {
    deployment: deploymentOf('hybrid', 2),
    process: 2,
    host: '127.0.0.1',
    workerPort: 21_000,
    controlPort: 21_001,
    databaseUrl: 'postgres://loadline:secret@127.0.0.1:5432/postgres',
    logLevel: 'info',
  });
});

test('a blocking deployment has a connection for each thread that is asked for', () => {
  const { deployment } = configOf({ ...environment, LOADLINE_TOPOLOGY: 'sync-threads', LOADLINE_THREADS: '3' });
  assert.deepEqual(withoutSpec(deployment), {
    topology: 'sync-threads',
    processes: 2,
    threadsPerProcess: 3,
    databaseConnections: 6,
  });
});

test('a password that the URL does not hold comes from the environment', () => {
  const LOADLINE_DATABASE_URL = 'postgres://loadline@127.0.0.1:5432/postgres';
  const { databaseUrl } = configOf({ ...environment, LOADLINE_DATABASE_URL, PGPASSWORD: 'p@ss' });
  assert.equal(databaseUrl, 'postgres://loadline:p%40ss@127.0.0.1:5432/postgres');
});

test('the role of the deployment connects in place of the user of the URL, with the same password', () => {
  const { databaseUrl } = configOf({ ...environment, LOADLINE_DATABASE_ROLE: 'hybrid-2x1-40' });
  assert.equal(databaseUrl, 'postgres://hybrid-2x1-40:secret@127.0.0.1:5432/postgres');
});

const mistakes: [name: string, value: string | undefined, message: RegExp][] = [
  ['LOADLINE_TOPOLOGY', undefined, /^LOADLINE_TOPOLOGY is not set, not one of sync, threads/],
  ['LOADLINE_TOPOLOGY', 'hibrid', /^LOADLINE_TOPOLOGY is "hibrid", not one of sync/],
  ['LOADLINE_PROCESS', '3', /^LOADLINE_PROCESS is "3", not a whole number from 1 to 2/],
  ['LOADLINE_PROCESSES', '0x2', /^LOADLINE_PROCESSES is "0x2"/],
  ['LOADLINE_THREADS', '2', /^LOADLINE_TOPOLOGY cannot be deployed with these numbers: hybrid has one worker thread/],
  ['LOADLINE_DATABASE_CONNECTIONS', '1', /2 workers and only 1 database connections/],
  ['LOADLINE_WORKER_PORT', '', /^LOADLINE_WORKER_PORT is not set/],
  ['LOADLINE_CONTROL_PORT', '65536', /^LOADLINE_CONTROL_PORT is "65536"/],
  ['LOADLINE_DATABASE_URL', 'mysql://x', /^LOADLINE_DATABASE_URL is not a postgres/],
  ['PGPASSWORD_FILE', '/nowhere/at/all', /^PGPASSWORD_FILE names \/nowhere\/at\/all/],
  ['LOADLINE_LOG_LEVEL', 'loud', /^LOADLINE_LOG_LEVEL is "loud", not one of error, info/],
];

for (const [name, value, message] of mistakes) {
  test(`${name} cannot be ${value ?? 'missing'}`, () => {
    const wrong: Record<string, string | undefined> = { ...environment, [name]: value };
    if (name === 'PGPASSWORD_FILE') wrong.LOADLINE_DATABASE_URL = 'postgres://loadline@127.0.0.1/postgres';
    assert.throws(
      () => configOf(wrong),
      (error: unknown) => error instanceof ConfigError && message.test(error.message),
    );
  });
}

const cpus: [sentence: string, machine: number, files: Record<string, string>, expected: number][] = [
  ['a machine without limits has all its CPUs', 4, {}, 4],
  ['"max" is no limit', 4, { 'cpu.max': 'max 100000\n' }, 4],
  ['a limit of 2.5 CPUs is 2', 8, { 'cpu.max': '250000 100000\n' }, 2],
  ['a limit of half a CPU is 1', 8, { 'cpu.max': '50000 100000\n' }, 1],
  ['a limit above the machine is the machine', 2, { 'cpu.max': '800000 100000\n' }, 2],
  [
    'the older cgroups have their limit in two files',
    8,
    { 'cpu/cpu.cfs_quota_us': '300000\n', 'cpu/cpu.cfs_period_us': '100000\n' },
    3,
  ],
  ['a quota of -1 is no limit', 8, { 'cpu/cpu.cfs_quota_us': '-1\n', 'cpu/cpu.cfs_period_us': '100000\n' }, 8],
];

for (const [sentence, machine, files, expected] of cpus) {
  test(sentence, () => {
    assert.equal(
      availableCpus(machine, path => files[path.replace('/sys/fs/cgroup/', '')]),
      expected,
    );
  });
}

test('a container finds its deployment in the plan of the stack, by the name of its service', () => {
  const planned = planOneProcess(deploymentOf('async', 1), 8084, 20_001);
  const LOADLINE_STACK = join(mkdtempSync(join(tmpdir(), 'plan-')), 'stack.json');
  writeFileSync(LOADLINE_STACK, JSON.stringify({ schema: 1, deployments: [{ ...planned, host: 'async' }] }));
  assert.equal(plannedDeployment({ LOADLINE_STACK, LOADLINE_SERVICE: 'async' }).id, 'async-1x1-40');
  assert.throws(
    () => plannedDeployment({ LOADLINE_STACK, LOADLINE_SERVICE: 'sync' }),
    /^ConfigError: LOADLINE_SERVICE/,
  );
  assert.throws(() => plannedDeployment({ LOADLINE_STACK: '/nowhere' }), /^ConfigError: LOADLINE_STACK is "\/nowhere"/);
  rmSync(dirname(LOADLINE_STACK), { recursive: true });
});
