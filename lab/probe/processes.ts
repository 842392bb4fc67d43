import { readdirSync } from 'node:fs';
import type { Bytes, Seconds } from '../../model/quantities.ts';
import { CONTROL_THREAD } from '../../model/wire.ts';
import { readText } from '../../services/cpus.ts';

/** Linux counts CPU time for programs in hundredths of a second on every platform (`USER_HZ`). */
export const TICKS_PER_SECOND = 100;

/**
 * CPU seconds that processes and all their descendants have used since they started. A descendant that has ended
 * stays counted as soon as its parent has waited for it, so the figure never falls while `roots` live.
 */
export function readCpuTime(roots: readonly number[]): Seconds {
  let ticks = 0;
  for (const { pid, parent } of listTree(roots)) {
    const stat = readStat(pid);
    if (!stat) continue;
    ticks += stat.own;
    // An ended child is in its parent's count; children of `roots` are counted for themselves while they live.
    if (parent === undefined) ticks += stat.ended;
  }
  return ticks / TICKS_PER_SECOND;
}

/** Memory of processes and all their descendants in bytes, what they share counted once (proportional set size). */
export function readProcessMemory(roots: readonly number[]): Bytes {
  let kilobytes = 0;
  for (const { pid } of listTree(roots)) {
    const pss = /^Pss:\s+(\d+) kB$/m.exec(readText(`/proc/${pid}/smaps_rollup`) ?? '')?.[1];
    kilobytes += Number(pss ?? 0);
  }
  return kilobytes * 1024;
}

/** How often threads left their CPU: to wait, or because the kernel gave it to another. */
export interface ContextSwitches {
  readonly voluntary: number;
  readonly involuntary: number;
}

/** What Node calls a thread that a program starts; every process has a dozen of others. */
const WORKER_THREAD = 'WorkerThread';

/** Context switches of the workers in these processes and their descendants, since they started; `null` where none can be seen. */
export function countContextSwitches(roots: readonly number[]): ContextSwitches | null {
  const threads = listTree(roots).flatMap(({ pid }) => findServingThreads(pid));
  if (threads.length === 0) return null;
  const statuses = threads.map(thread => readText(`${thread}/status`) ?? '');
  return {
    voluntary: statuses.reduce((sum, status) => sum + countIn(status, 'voluntary_ctxt_switches'), 0),
    involuntary: statuses.reduce((sum, status) => sum + countIn(status, 'nonvoluntary_ctxt_switches'), 0),
  };
}

/** A process that was found among others. */
interface Member {
  readonly pid: number;
  /** Absent for a root. */
  readonly parent?: number;
}

/** Processes and all their descendants, each once: a root may be the child of another. */
export function listTree(roots: readonly number[]): Member[] {
  const members: Member[] = roots.map(pid => ({ pid }));
  // The list grows while it is walked: each member's children follow it.
  for (const member of members) {
    for (const pid of childrenOf(member.pid)) {
      if (!roots.includes(pid)) members.push({ pid, parent: member.pid });
    }
  }
  return members;
}

/** A child belongs to the thread that started it, so every thread is asked. */
function childrenOf(pid: number): number[] {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  return threads.flatMap(thread =>
    (readText(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
}

/** Ticks that a process used itself, and that its ended children used; see proc_pid_stat(5), fields 14 to 17. */
function readStat(pid: number): { own: number; ended: number } | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (!stat) return undefined;
  // The second field is the program's name in brackets and may itself hold blanks and brackets.
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  return { own: user + system, ended: endedUser + endedSystem };
}

/** Its main thread, where another one controls it, or else the threads of its workers. */
function findServingThreads(pid: number): string[] {
  const folder = `/proc/${pid}/task`;
  try {
    const threads = readdirSync(folder).map(thread => ({
      path: `${folder}/${thread}`,
      name: readText(`${folder}/${thread}/comm`)?.trim(),
    }));
    if (threads.some(({ name }) => name === CONTROL_THREAD)) return [`${folder}/${pid}`];
    return threads.filter(({ name }) => name === WORKER_THREAD).map(({ path }) => path);
  } catch {
    return [];
  }
}

function countIn(status: string, name: string): number {
  const line = status.split('\n').find(one => one.startsWith(`${name}:`));
  return Number(line?.slice(name.length + 1) ?? 0);
}
