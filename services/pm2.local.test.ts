/** What becomes under PM2 of processes that end again and again. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startProcesses, stopProcesses } from '../lab/runtimes/local/pm2.ts';
import { claimPorts } from '../lab/runtimes/local/ports.ts';
import { stopWhenInterrupted } from '../lab/runtimes/local/testdata/interrupted-test.ts';
import { deploymentOf } from '../model/deployment.ts';
import { limits } from '../model/limits.ts';
import { type ProcessPorts, planOneProcess } from '../model/stack-plan.ts';
import type { ProcessCounters } from '../model/wire.ts';
import { ecosystemOf } from './pm2.ts';
import { writePlan } from './testdata/plan-file.ts';

/** A delay that grows by half each time, as PM2 has it for programs that fail, would be a quarter of a minute by then. */
const ROUNDS = 15;
/** From an order to exit until another process is ready, also on a busy machine. */
const BACK_MS = 10_000;
const LOOK_EVERY_MS = 10;

let folder: string;
let interrupted: ReturnType<typeof stopWhenInterrupted>;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadline-pm2-'));
  await mkdir(join(folder, 'logs'));
  interrupted = stopWhenInterrupted(stop);
});

after(() => stop().finally(interrupted.stopped));

async function stop(): Promise<void> {
  await stopProcesses(join(folder, 'pm2'), AbortSignal.abort());
  await rm(folder, { recursive: true, force: true });
}

test('a process that exits on an order is back at once, however often it is ordered', async context => {
  const ports = await startOne();
  let pid = await pidWhenReady(ports, 0);
  const took: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const start = performance.now();
    const answer = await fetch(`http://127.0.0.1:${ports.controlPort}/exit`, { method: 'POST' });
    assert.equal(answer.status, 202);
    pid = await pidWhenReady(ports, pid);
    took.push(performance.now() - start);
  }
  context.diagnostic(`back after ${took.map(ms => ms.toFixed(0)).join(', ')} ms`);
  assert.ok(Math.max(...took) < BACK_MS, `${took}`);
});

test('a process that cannot start is started again without taking the machine', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  assert.ok(address !== null && typeof address === 'object');
  await startOne(address.port);
  const failures = await failuresOf('sync-1x1-1-1', 3);
  for (const [index, time] of failures.entries()) {
    const gap = time - (failures[index - 1] ?? 0);
    assert.ok(gap >= (limits.worker.failedStart + limits.pm2.restart) * 1000, `failed at ${failures}`);
  }
  taken.close();
});

/** Starts one process under PM2; with `workerPort` one that cannot listen there. */
async function startOne(workerPort?: number): Promise<ProcessPorts> {
  await using claim = await claimPorts(2);
  const [controlPort = 0, free = 0] = claim.ports;
  const ports = { controlPort, workerPort: workerPort ?? free };
  const deployment = deploymentOf(workerPort === undefined ? 'async' : 'sync', 1);
  const planned = { ...planOneProcess(deployment, 0, 0), processes: [ports] };
  const ecosystem = ecosystemOf([planned], {
    nodePath: process.execPath,
    plan: writePlan(folder, planned),
    // There is none: a process starts without.
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
    logFolder: join(folder, 'logs'),
    compileCache: join(folder, 'cache'),
  });
  await startProcesses(join(folder, 'pm2'), ecosystem);
  return ports;
}

/** The process's number, once it is ready and not `before` any more; the test's own time limit ends a wait in vain. */
async function pidWhenReady({ controlPort }: ProcessPorts, before: number): Promise<number> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${controlPort}/counters`).catch(() => undefined);
    const counters = (await answer?.json().catch(() => undefined)) as ProcessCounters | undefined;
    if (counters?.ready && counters.pid !== before) return counters.pid;
    await pause(LOOK_EVERY_MS);
  }
}

/** When a process said of its worker that it had died, the first so many times, in milliseconds since 1970. */
async function failuresOf(name: string, times: number): Promise<number[]> {
  for (;;) {
    const log = await readFile(join(folder, 'logs', `${name}.err.log`), 'utf8').catch(() => '');
    const lines = log.split('\n').filter(line => line.includes('"worker-died"'));
    if (lines.length >= times) return lines.slice(0, times).map(line => Date.parse(JSON.parse(line).time));
    await pause(LOOK_EVERY_MS);
  }
}
