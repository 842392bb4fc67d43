import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { LoadlineError } from '../../../model/errors.ts';
import { deriveParallelism } from '../../../model/parallelism.ts';
import type { Seconds } from '../../../model/quantities.ts';
import { listPrograms, type PlannedDeployment, type ProcessPorts, type StackPlan } from '../../../model/stack-plan.ts';
import { readLogTail } from './processes.ts';

const WORKERS_LIMIT: Seconds = 30;
/** More for each worker: hundreds of threads take turns at the CPUs while they start. */
const PER_WORKER: Seconds = 0.3;
const PAGE_LIMIT: Seconds = 20;
const LOOK_EVERY_MS = 50;

/**
 * Returns when every process of a plan is ready. A process says so itself; of a hidden deployment every port of its
 * workers must answer, where the first worker of a shared port answers for all.
 */
export async function waitUntilReady(plan: StackPlan, logs: string, signal: AbortSignal): Promise<void> {
  const { deployments } = plan;
  const workers = deployments.reduce((sum, { deployment }) => sum + deriveParallelism(deployment).workers, 0);
  const programs = deployments.flatMap(planned =>
    listPrograms(planned).map(({ name, processes }) => ({
      name,
      addresses: processes.flatMap(ports => listAddresses(planned, ports)),
    })),
  );
  const limit = WORKERS_LIMIT + PER_WORKER * workers;
  const silent = await awaitAnswers(programs, limit, signal);
  const [first] = silent;
  if (first === undefined) return;
  const names = silent.map(({ name }) => name).join(', ');
  throw new LoadlineError(
    'workers-failed',
    `Not ready within ${Math.round(limit)} s: ${names}. The end of what ${first.name} wrote:${readLogs(first.name, logs)}`,
  );
}

/** Returns when the page answers through nginx. */
export async function waitForPage(address: string, logs: string, signal: AbortSignal): Promise<void> {
  const [silent] = await awaitAnswers([{ name: 'dashboard', addresses: [address] }], PAGE_LIMIT, signal);
  if (silent === undefined) return;
  throw new LoadlineError(
    'dashboard-failed',
    `The dashboard was not ready within ${PAGE_LIMIT} s; the rest starts with ./loadline up --no-dashboard. The end of what it wrote:${readLogs(silent.name, logs)}`,
  );
}

interface AskedProgram {
  readonly name: string;
  /** All answer with 200 once it is ready. */
  readonly addresses: readonly string[];
}

/** Asks until every program is ready or the limit has passed; returns those that are not. */
async function awaitAnswers(
  programs: readonly AskedProgram[],
  limit: Seconds,
  signal: AbortSignal,
): Promise<readonly AskedProgram[]> {
  const deadline = performance.now() + limit * 1000;
  let waiting = programs;
  while (true) {
    const ready = await Promise.all(
      waiting.map(async ({ addresses }) => (await Promise.all(addresses.map(answersWell))).every(Boolean)),
    );
    waiting = waiting.filter((_, index) => !ready[index]);
    if (waiting.length === 0 || performance.now() > deadline) return waiting;
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

function listAddresses({ deployment }: PlannedDeployment, { controlPort, workerPort }: ProcessPorts): string[] {
  const { hidden, threadsPerProcess } = deployment;
  if (!hidden) return [`http://127.0.0.1:${controlPort}/readyz`];
  return Array.from({ length: threadsPerProcess }, (_, thread) => `http://127.0.0.1:${workerPort + thread}/plain`);
}

async function answersWell(address: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(address, { headersTimeout: 1000, bodyTimeout: 1000 });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

function readLogs(name: string, folder: string): string {
  const logs = readdirSync(folder).filter(file => file.startsWith(name));
  return logs.map(file => readLogTail(join(folder, file))).join('') || ' nothing';
}
