import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import type { Deployment } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import { deriveParallelism } from '../../../model/parallelism.ts';
import type { Seconds } from '../../../model/quantities.ts';
import { type ProcessPorts, programsOf, type StackPlan } from '../../../model/stack-plan.ts';
import { logTail } from './log-tail.ts';

const READY_LIMIT: Seconds = 30;
/** More for each worker: hundreds of threads take turns at the CPUs until all of them have begun. */
const PER_WORKER: Seconds = 0.3;
const LOOK_EVERY_MS = 50;

/**
 * Returns when every process of a plan says that it is ready and, of a hidden deployment, when every port of its workers
 * answers, which the first of those that share a port does for all; otherwise throws with the end of a log.
 */
export async function waitUntilReady(
  { deployments }: StackPlan,
  logFolder: string,
  signal: AbortSignal,
): Promise<void> {
  const workers = deployments.reduce((sum, { deployment }) => sum + deriveParallelism(deployment).workers, 0);
  const limit = READY_LIMIT + PER_WORKER * workers;
  const deadline = performance.now() + limit * 1000;
  let waiting = deployments.flatMap(planned =>
    programsOf(planned).map(({ name, processes }) => ({
      name,
      questions: processes.flatMap(ports => questionsFor(planned.deployment, ports)),
    })),
  );
  while (true) {
    const ready = await Promise.all(
      waiting.map(async ({ questions }) => (await Promise.all(questions.map(answersWell))).every(Boolean)),
    );
    waiting = waiting.filter((_, index) => !ready[index]);
    if (waiting.length === 0) return;
    const [first] = waiting;
    if (first && performance.now() > deadline) {
      const names = [...new Set(waiting.map(({ name }) => name))].join(', ');
      throw new LoadlineError(
        'workers-failed',
        `Not ready within ${Math.round(limit)} s: ${names}. The end of what ${first.name} wrote:${logsOf(first.name, logFolder)}`,
      );
    }
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** The addresses of a process that all answer with 200 once it is ready. */
function questionsFor({ hidden, threadsPerProcess }: Deployment, { controlPort, workerPort }: ProcessPorts): string[] {
  if (!hidden) return [`http://127.0.0.1:${controlPort}/readyz`];
  return Array.from({ length: threadsPerProcess }, (_, thread) => `http://127.0.0.1:${workerPort + thread}/plain`);
}

async function answersWell(address: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(address, {
      headersTimeout: 1000,
      bodyTimeout: 1000,
    });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

function logsOf(name: string, logFolder: string): string {
  try {
    const logs = readdirSync(logFolder).filter(file => file.startsWith(name));
    return logs.map(file => logTail(join(logFolder, file))).join('') || ' nothing';
  } catch {
    return ' nothing';
  }
}
