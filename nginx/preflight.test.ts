import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../model/deployment.ts';
import { refusalsOf, type StackNumbers, warningsOf } from './preflight.ts';

const six = ['sync', 'threads', 'sync-threads', 'async', 'hybrid', 'async-express'];
const usual: StackNumbers = {
  deployments: six.map(topology => deploymentOf(topology, 2)),
  workersMemory: 2 * 1024 ** 3,
  databaseMaxConnections: 1000,
  workersCpus: 0,
};

test('the defaults are refused nowhere and warned of nothing', () => {
  assert.deepEqual(refusalsOf(usual), []);
  assert.deepEqual(warningsOf(usual), []);
});

test('sixteen processes in 256 MiB are refused with what each topology needs, and the most of it to set', () => {
  const sizes = six.map(topology => deploymentOf(topology, 16));
  const [refusal = '', ...others] = refusalsOf({ ...usual, deployments: sizes, workersMemory: 256 * 2 ** 20 });
  assert.deepEqual(others, []);
  assert.match(refusal, /256 MiB: sync 1038 MiB, sync-threads 3922 MiB, hybrid 1312 MiB, async-express 1312 MiB/);
  assert.match(refusal, /WORKERS_MEMORY=3922m.*PROCESSES/);
});

test('memory that may suffice is not refused', () => {
  const tight = { ...usual, deployments: [deploymentOf('sync', 4)], workersMemory: 190e6 };
  assert.deepEqual(refusalsOf(tight), []);
  assert.equal(refusalsOf({ ...tight, workersMemory: 180e6 }).length, 1);
});

test('a limit of the deployment goes before the one of the stack', () => {
  const limited = { ...deploymentOf('sync', 4), containers: { workers: { memory: 100e6 } } };
  assert.match(refusalsOf({ ...usual, deployments: [limited] })[0] ?? '', /may have, 95 MiB/);
});

test('budgets above what Postgres allows are refused with their sum and each share', () => {
  const [refusal = '', ...others] = refusalsOf({ ...usual, databaseMaxConnections: 100 });
  assert.deepEqual(others, []);
  assert.match(
    refusal,
    /146 database connections .*sync 2, threads 8, sync-threads 16, async 40.*DATABASE_MAX_CONNECTIONS=150/,
  );
  assert.deepEqual(refusalsOf({ ...usual, databaseMaxConnections: 150 }), []);
});

test('hardly any CPU time is warned of by its variable', () => {
  assert.match(warningsOf({ ...usual, workersCpus: 0.05 })[0] ?? '', /^WORKERS_CPUS=0\.05: /);
  assert.deepEqual(warningsOf({ ...usual, workersCpus: 0.5 }), []);
  assert.deepEqual(refusalsOf({ ...usual, workersCpus: 0.05 }), []);
  assert.match(refusalsOf({ ...usual, workersCpus: 0.01 })[0] ?? '', /^WORKERS_CPUS=0\.01 /);
});
