import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { deploymentOf } from '../model/deployment.ts';
import { planOneProcess } from '../model/stack-plan.ts';
import { topologyOf } from '../model/topology.ts';
import { configOf } from './config.ts';
import { ecosystemOf } from './pm2.ts';
import { writePlan } from './testdata/plan-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'plan-'));
after(() => rmSync(folder, { recursive: true }));

const deployment = deploymentOf('sync-threads', 2, { threadsPerProcess: 3 });
const processes = [
  { controlPort: 21_000, workerPort: 21_001 },
  { controlPort: 21_004, workerPort: 21_005 },
];
const planned = { ...planOneProcess(deployment, 8083, 0), processes };
const options = {
  nodePath: '/opt/node',
  plan: writePlan(folder, planned),
  databaseUrl: 'postgres://loadline:secret@127.0.0.1:5432/postgres',
  logFolder: '/var/log/loadline',
  compileCache: '/var/cache/loadline',
};
const { apps } = ecosystemOf([planned], options);

test('every process of a deployment has a name of its own and its own files', () => {
  assert.deepEqual(
    apps.map(({ name }) => name),
    ['sync-threads-2x3-6-1', 'sync-threads-2x3-6-2'],
  );
  assert.equal(apps[1]?.error_file, '/var/log/loadline/sync-threads-2x3-6-2.err.log');
  assert.equal(apps[0]?.interpreter, '/opt/node');
  assert.ok(apps[0]?.script.endsWith('/services/process.ts'));
});

test('what a process is told is the configuration that was meant', () => {
  const config = configOf(apps[1]?.env ?? {});
  assert.deepEqual(config.deployment, deployment);
  assert.equal(config.process, 2);
  assert.equal(config.controlPort, 21_004);
  assert.equal(config.workerPort, 21_005);
  assert.equal(config.databaseUrl, 'postgres://sync-threads-2x3-6:secret@127.0.0.1:5432/postgres');
});

test('whoever ends is started again, whatever the exit code', () => {
  assert.equal(apps[0]?.autorestart, true);
  assert.equal(apps[0]?.stop_exit_codes, undefined);
});

test('a process is started again after the same short while each time, and for ever', () => {
  assert.equal(apps[0]?.restart_delay, 100);
  assert.equal(apps[0]?.exp_backoff_restart_delay, undefined);
  assert.ok(Number(apps[0]?.max_restarts) > 1e9);
});

test('the list is the same after a journey through JSON', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(apps)), apps);
});

test('in a container the list leaves to the environment what everybody in it knows, and logs to PM2 alone', () => {
  const [app] = ecosystemOf([planned], { nodePath: '/opt/node' }).apps;
  assert.deepEqual([app?.env.LOADLINE_DATABASE_URL, app?.env.LOADLINE_STACK], [undefined, undefined]);
  assert.deepEqual([app?.out_file, app?.error_file], ['/dev/null', '/dev/null']);
});

test('processes that share a port are one program, which begins with the first', () => {
  const shared = deploymentOf({ ...topologyOf('hybrid'), listen: 'replica' }, 2);
  const ports = [21_000, 21_002].map(controlPort => ({ controlPort, workerPort: 21_001 }));
  const { apps: programs } = ecosystemOf([{ ...planOneProcess(shared, 8087, 0), processes: ports }], options);
  assert.deepEqual(
    programs.map(({ name }) => name),
    ['hybrid-2x1-40-1'],
  );
  assert.ok(programs[0]?.script.endsWith('/services/cluster.ts'));
  assert.equal(programs[0]?.env.LOADLINE_PROCESS, '1');
});
