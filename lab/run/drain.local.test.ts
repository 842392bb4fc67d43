/** Draining of processes that share a port and tell nothing; none of it needs a database. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { deploymentOf } from '../../model/deployment.ts';
import { planOneProcess } from '../../model/stack-plan.ts';
import { ecosystemOf } from '../../services/pm2.ts';
import { writePlan } from '../../services/testdata/plan-file.ts';
import { readCpuTime } from '../probe/processes.ts';
import { inheritedEnvironment } from '../runtimes/child-process.ts';
import { claimPorts } from '../runtimes/local/ports.ts';
import { drain } from './drain.ts';
import { hiddenObserver, none } from './testdata/nothing-read.ts';

const LOOK_EVERY_MS = 20;
/** More than half a second of computing. */
const COMPUTE = '/cpu?units=10000';

test('processes that share a port have drained when the last of them has computed what it was sent', async context => {
  await using claim = await claimPorts(1);
  const [workerPort = 0] = claim.ports;
  const address = `http://127.0.0.1:${workerPort}`;
  const deployment = deploymentOf('node-cluster', 2, { hidden: true });
  const processes = [1, 2].map(() => ({ controlPort: 0, workerPort }));
  const planned = { ...planOneProcess(deployment, 0, workerPort), processes };
  const folder = mkdtempSync(join(tmpdir(), 'plan-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const { apps } = ecosystemOf([planned], {
    nodePath: process.execPath,
    plan: writePlan(folder, planned),
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
  });
  const child = spawn(process.execPath, [String(apps[0]?.script)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: inheritedEnvironment({ ...apps[0]?.env, LOADLINE_LOG_LEVEL: 'error' }),
  });
  context.after(() => child.kill('SIGKILL'));
  const cpu = () => readCpuTime([child.pid ?? 0]);
  const observer = hiddenObserver(async () => ({ time: performance.now() / 1000, cpu: { ...none, workers: cpu() } }));
  await until(async () => (await fetchStatus(`${address}/plain`).catch(() => 0)) === 200);

  // A process that computes, and has a connection to take, is given no more: probes will all go to the other one.
  let isComputed: boolean;
  let load: Promise<number>[];
  do {
    isComputed = false;
    const before = cpu();
    const computing = fetchStatus(address + COMPUTE).finally(() => {
      isComputed = true;
    });
    await until(async () => cpu() - before > 0.1);
    const others = [1, 2].map(() => fetchStatus(`${address}/plain`));
    load = [computing, ...others];
    await Promise.any(others);
    // Otherwise the other process is not there yet.
  } while (isComputed);
  const probe = { method: 'GET', path: '/plain' } as const;
  const idleCheck = { addresses: [address, address], request: probe, responseTime: 0.05 };
  await drain(observer, 20, new AbortController().signal, idleCheck);
  assert.equal(isComputed, true);
  assert.deepEqual(await Promise.all(load), [200, 200, 200]);
});

/** Over a connection of its own. */
async function fetchStatus(url: string): Promise<number> {
  const { statusCode, body } = await request(url, { dispatcher: new Agent({ pipelining: 0 }) });
  await body.dump();
  return statusCode;
}

/** Looks until it is so; the test's own time limit ends a wait in vain. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(LOOK_EVERY_MS);
}
