import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { deploymentOf } from '../model/deployment.ts';
import { ConfigError } from '../model/environment.ts';
import { planOneProcess } from '../model/stack-plan.ts';
import { topologyOf } from '../model/topology.ts';
import { configOf, plannedDeployment } from './config.ts';
import { availableCpus } from './cpus.ts';
import { writePlan } from './testdata/plan-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'plan-'));
after(() => rmSync(folder, { recursive: true }));

const deployment = deploymentOf('hybrid', 2, { databaseConnections: 20 });
const processes = [
  { controlPort: 20_999, workerPort: 20_998 },
  { controlPort: 21_001, workerPort: 21_000 },
];
const hybrid = { ...planOneProcess(deployment, 8085, 0), host: 'hybrid-service', processes };
const LOADLINE_STACK = writePlan(folder, planOneProcess(deploymentOf('async', 1), 8084, 0), hybrid);

const environment = {
  LOADLINE_STACK,
  LOADLINE_DEPLOYMENT: 'hybrid-2x1-20',
  LOADLINE_PROCESS: '2',
  LOADLINE_DATABASE_URL: 'postgres://loadline:secret@127.0.0.1:5432/postgres',
};

test('a process is configured by its deployment in the plan, and connects to the database in its role', () => {
  assert.deepEqual(configOf(environment), {
    deployment,
    process: 2,
    host: '127.0.0.1',
    workerPort: 21_000,
    controlPort: 21_001,
    databaseUrl: 'postgres://hybrid-2x1-20:secret@127.0.0.1:5432/postgres',
    logLevel: 'info',
  });
});

test('a process of a topology that does not ship is configured by the plan alone', () => {
  const spec = { ...topologyOf('sync-threads'), name: 'own', sizes: { threads: 3 } };
  const own = deploymentOf(spec, 1, { databaseConnections: 5 });
  const path = writePlan(mkdtempSync(join(folder, 'own-')), planOneProcess(own, 8099, 21_000));
  const told = { ...environment, LOADLINE_STACK: path, LOADLINE_DEPLOYMENT: 'own-1x3-5', LOADLINE_PROCESS: '1' };
  assert.deepEqual(configOf(told).deployment, own);
});

test('a hidden deployment has no control port', () => {
  const hidden = planOneProcess({ ...deployment, processes: 1, hidden: true }, 8085, 21_000);
  const path = writePlan(mkdtempSync(join(folder, 'hidden-')), hidden);
  const told = { ...environment, LOADLINE_STACK: path, LOADLINE_DEPLOYMENT: hidden.id, LOADLINE_PROCESS: '1' };
  assert.equal(configOf(told).controlPort, undefined);
});

test('a password that the URL does not hold comes from the environment', () => {
  const LOADLINE_DATABASE_URL = 'postgres://loadline@127.0.0.1:5432/postgres';
  const { databaseUrl } = configOf({ ...environment, LOADLINE_DATABASE_URL, PGPASSWORD: 'p@ss' });
  assert.equal(databaseUrl, 'postgres://hybrid-2x1-20:p%40ss@127.0.0.1:5432/postgres');
});

const mistakes: [name: string, value: string | undefined, message: RegExp][] = [
  ['LOADLINE_STACK', '', /^LOADLINE_STACK is not set \(/],
  ['LOADLINE_STACK', '/nowhere', /^LOADLINE_STACK is "\/nowhere", which cannot be read/],
  ['LOADLINE_DEPLOYMENT', undefined, /^LOADLINE_DEPLOYMENT is "", which .* does not have/],
  ['LOADLINE_DEPLOYMENT', 'hybrid', /^LOADLINE_DEPLOYMENT is "hybrid", which .* does not have/],
  ['LOADLINE_PROCESS', '3', /^LOADLINE_PROCESS is "3", not a whole number from 1 to 2/],
  ['LOADLINE_PROCESS', undefined, /^LOADLINE_PROCESS is not set/],
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

test('a container finds its deployment by the name of its service, which is the host in the plan', () => {
  const container = (LOADLINE_SERVICE: string) => ({ LOADLINE_STACK, LOADLINE_SERVICE });
  assert.equal(plannedDeployment('LOADLINE_SERVICE', container('hybrid-service')).id, hybrid.id);
  assert.throws(() => plannedDeployment('LOADLINE_SERVICE', container(hybrid.id)), /^ConfigError: LOADLINE_SERVICE/);
});

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
