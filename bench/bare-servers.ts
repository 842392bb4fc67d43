import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { endGroup, inheritedEnvironment } from '../lab/runtimes/child-process.ts';
import { startProcesses, stopProcesses } from '../lab/runtimes/local/pm2.ts';
import { startedWith } from '../lab/runtimes/local/processes.ts';
import type { LocalStack } from '../lab/runtimes/local/stack.ts';
import type { Seconds } from '../model/quantities.ts';

/** A bare server that answers, with all its processes below one. */
export interface BareServer extends AsyncDisposable {
  readonly url: string;
  /** Of the first process, which serves nothing itself. */
  readonly pid: number;
  /** How many serve. */
  readonly processes: number;
}

const START_LIMIT: Seconds = 10;
const PROGRAM = fileURLToPath(new URL('bare-server.ts', import.meta.url));
/** What a worker's Node is told is told to the bare one's too: code is compared, not flags. */
const SHARED = ['NODE_ENV', 'NODE_OPTIONS', 'MALLOC_MMAP_THRESHOLD_', 'MALLOC_ARENA_MAX'];

/** The bare server in node:cluster, with the stack's database and as many processes and connections as its deployment. */
export async function startInCluster(stack: LocalStack, port: number, signal: AbortSignal): Promise<BareServer> {
  const env = environmentFor(stack, port);
  const child = spawn(process.execPath, [PROGRAM], {
    env: inheritedEnvironment(env),
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return answering(port, child.pid ?? 0, Number(env.PROCESSES), () => endGroup(child), signal);
}

/** The same in PM2's cluster mode, where PM2's daemon takes the place of the first process. */
export async function startInPm2Cluster(stack: LocalStack, port: number, signal: AbortSignal): Promise<BareServer> {
  const home = `${stack.folder.pm2}-cluster`;
  const env = environmentFor(stack, port);
  const instances = Number(env.PROCESSES);
  const quiet = { pmx: false, vizion: false, automation: false, treekill: false, kill_timeout: 2000 };
  const logs = { out_file: '/dev/null', error_file: join(home, 'error.log') };
  const dispose = () => stopProcesses(home, signal);
  try {
    const app = { name: 'bare', script: PROGRAM, exec_mode: 'cluster', instances, env };
    await startProcesses(home, { apps: [{ ...app, ...quiet, ...logs }] }, signal);
  } catch (error) {
    await dispose();
    throw error;
  }
  const pid = Number(readFileSync(join(home, 'pm2.pid'), 'utf8'));
  return answering(port, pid, instances, dispose, signal);
}

function environmentFor({ endpoints: [endpoint], databaseUrl }: LocalStack, port: number): Record<string, string> {
  const [pid] = endpoint?.pids() ?? [];
  if (endpoint === undefined || pid === undefined) throw new Error('no worker runs');
  const { processes, databaseConnections } = endpoint.deployment;
  return {
    ...Object.fromEntries(SHARED.map(name => [name, startedWith(pid, name) ?? ''])),
    PORT: String(port),
    PROCESSES: String(processes),
    DATABASE_URL: databaseUrl,
    DATABASE_CONNECTIONS: String(databaseConnections),
  };
}

/** Waits until it answers; a server that never does is stopped. */
async function answering(
  port: number,
  pid: number,
  processes: number,
  dispose: () => Promise<void>,
  signal: AbortSignal,
): Promise<BareServer> {
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + START_LIMIT * 1000;
  try {
    while (!(await answers(url))) {
      if (performance.now() > deadline) throw new Error(`the bare server did not answer within ${START_LIMIT} s`);
      await delay(50, undefined, { signal });
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { url, pid, processes, [Symbol.asyncDispose]: dispose };
}

async function answers(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${url}/items/1`, { headersTimeout: 1000, bodyTimeout: 1000 });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}
