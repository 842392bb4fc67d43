/** Processes that share a port, as `node-cluster` has them; none of it needs a database. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { countContextSwitches } from '../lab/probe/processes.ts';
import { inheritedEnvironment } from '../lab/runtimes/child-process.ts';
import { claimPorts } from '../lab/runtimes/local/ports.ts';
import { deploymentOf } from '../model/deployment.ts';
import { planOneProcess } from '../model/stack-plan.ts';
import type { ProcessCounters } from '../model/wire.ts';
import { ecosystemOf } from './pm2.ts';
import { writePlan } from './testdata/plan-file.ts';

const LOOK_EVERY_MS = 20;
/** More than half a second of computing, and well within a drain's limit. */
const COMPUTE = '/cpu?units=10000';

const folder = mkdtempSync(join(tmpdir(), 'plan-'));
let child: ChildProcess;
let url: string;
let controls: string[];

before(async () => {
  await using claim = await claimPorts(3);
  const [workerPort = 0, ...controlPorts] = claim.ports;
  url = `http://127.0.0.1:${workerPort}`;
  controls = controlPorts.map(port => `http://127.0.0.1:${port}`);
  const processes = controlPorts.map(controlPort => ({ controlPort, workerPort }));
  const planned = { ...planOneProcess(deploymentOf('node-cluster', 2), 0, 0), processes };
  const { apps } = ecosystemOf([planned], {
    nodePath: process.execPath,
    plan: writePlan(folder, planned),
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
  });
  assert.equal(apps.length, 1);
  child = spawn(process.execPath, [fileURLToPath(new URL('./cluster.ts', import.meta.url))], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: inheritedEnvironment({ ...apps[0]?.env, LOADLINE_LOG_LEVEL: 'error' }),
  });
  await ready();
});

after(() => {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

test('connections go round the processes, and requests stay with the process of their connection', async () => {
  const clients = [1, 2].map(() => new Agent({ connections: 1 }));
  const workers: string[][] = [];
  for (const client of clients) {
    const seen = [await workerOf('/plain', client), await workerOf('/plain', client), await workerOf('/plain', client)];
    workers.push([...new Set(seen)]);
  }
  assert.deepEqual(workers.toSorted(), [['node-cluster-1.1'], ['node-cluster-2.1']]);
  await Promise.all(clients.map(client => client.close()));
});

test('a process tells what it does while it computes, and that it was busy', async () => {
  const busyBefore = await busy();
  const worker = workerOf(COMPUTE);
  await until(async () => (await counters()).some(({ workers }) => workers[0]?.inProgress === 1));
  const start = performance.now();
  await counters();
  assert.ok(performance.now() - start < 300, 'it answers at once');
  assert.match(await worker, /^node-cluster-[12]\.1$/);
  await until(async () => (await busy()) - busyBefore > 0.2);
});

test('context switches are those of the threads that serve', async () => {
  const client = new Agent({ connections: 1 });
  const before = countContextSwitches([child.pid ?? 0]);
  for (let request = 0; request < 1000; request++) await workerOf('/plain', client);
  const after = countContextSwitches([child.pid ?? 0]);
  assert.ok(before && after);
  const switches = after.voluntary + after.involuntary - before.voluntary - before.involuntary;
  // One for each request, or fewer on a busy machine. A thread that controls has hardly any.
  assert.ok(switches >= 200, `${switches} switches in 1000 requests one after the other`);
  await client.close();
});

test('a process that ends is started again, and the other one stays', async () => {
  const [first, second] = await counters();
  await fetch(`${controls[0]}/exit`, { method: 'POST' });
  await ready(first?.pid);
  const [again, still] = await counters();
  assert.notEqual(again?.pid, first?.pid);
  assert.equal(still?.pid, second?.pid);
  const served = [await workerOf('/plain'), await workerOf('/plain')];
  assert.deepEqual(served.toSorted(), ['node-cluster-1.1', 'node-cluster-2.1']);
});

test('on SIGTERM every process answers what it accepted, and all of them end', async () => {
  const accepted = [1, 2].map(() => workerOf(COMPUTE));
  await until(async () => (await counters()).every(({ workers }) => workers[0]?.inProgress === 1));
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  assert.deepEqual((await Promise.all(accepted)).toSorted(), ['node-cluster-1.1', 'node-cluster-2.1']);
  assert.deepEqual(await ended, [0, null]);
});

/** Asks on a connection of its own unless a client is given; says which worker has answered well. */
async function workerOf(path: string, dispatcher = new Agent({ pipelining: 0 })): Promise<string> {
  const { statusCode, headers, body } = await request(url + path, { dispatcher });
  await body.dump();
  assert.equal(statusCode, 200);
  return String(headers['x-worker']);
}

function counters(): Promise<ProcessCounters[]> {
  return Promise.all(
    controls.map(async control => (await (await fetch(`${control}/counters`)).json()) as ProcessCounters),
  );
}

async function busy(): Promise<number> {
  return (await counters()).flatMap(({ workers }) => workers).reduce((sum, worker) => sum + worker.busy, 0);
}

/** Returns when every process is ready, the first one with another number than this. */
async function ready(before?: number): Promise<void> {
  await until(async () => {
    const told = await counters().catch(() => []);
    return told.length > 0 && told[0]?.pid !== before && told.every(process => process.ready);
  });
}

/** Looks until it is so; the test's own time limit ends a wait in vain. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(LOOK_EVERY_MS);
}
