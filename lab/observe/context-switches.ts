import { readdirSync } from 'node:fs';
import { readText } from '../../services/cpus.ts';
import { treeOf } from './processes.ts';

/** How often threads left their CPU: to wait, or because the kernel gave it to another. */
export interface ContextSwitches {
  readonly voluntary: number;
  readonly involuntary: number;
}

/** What Node calls the thread of a worker; every process has a dozen of others. */
const WORKER_THREAD = 'WorkerThread\n';

/** Context switches of the workers in these processes and their descendants, since they started; `null` where none can be seen. */
export function contextSwitchesOf(roots: readonly number[]): ContextSwitches | null {
  const threads = treeOf(roots).flatMap(({ pid }) => workerThreadsOf(pid));
  if (threads.length === 0) return null;
  const statuses = threads.map(thread => readText(`${thread}/status`) ?? '');
  return {
    voluntary: statuses.reduce((sum, status) => sum + countIn(status, 'voluntary_ctxt_switches'), 0),
    involuntary: statuses.reduce((sum, status) => sum + countIn(status, 'nonvoluntary_ctxt_switches'), 0),
  };
}

function workerThreadsOf(pid: number): string[] {
  const folder = `/proc/${pid}/task`;
  try {
    return readdirSync(folder)
      .map(thread => `${folder}/${thread}`)
      .filter(thread => readText(`${thread}/comm`) === WORKER_THREAD);
  } catch {
    return [];
  }
}

function countIn(status: string, name: string): number {
  const line = status.split('\n').find(one => one.startsWith(`${name}:`));
  return Number(line?.slice(name.length + 1) ?? 0);
}
