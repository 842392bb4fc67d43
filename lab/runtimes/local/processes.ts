import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Seconds } from '../../../model/quantities.ts';

/** A process of this machine that is not mistaken for a later one of the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in clock ticks since the machine did. */
  readonly started: number;
}

/** The process of that number as it is now; `undefined` when it has ended. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = contentsOf(pid, 'stat');
  // The name stands in parentheses and may hold anything, so that fields are counted from its end.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === undefined || state === '' || state === 'Z' || state === 'X') return undefined;
  return { pid, started: Number(fields[18]) };
}

/** Whether that very process still runs. */
export function isRunning(process: ProcessIdentity): boolean {
  return identityOf(process.pid)?.started === process.started;
}

/** Sends `signal` to each of `processes` that still runs. */
export function signalAll(processes: readonly ProcessIdentity[], signal: NodeJS.Signals): void {
  for (const one of processes) {
    if (!isRunning(one)) continue;
    try {
      process.kill(one.pid, signal);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

/** Waits at most so many seconds, and no longer once `hurry` is aborted, for all of `processes` to end; gives those that still run. */
export async function outliving(
  processes: readonly ProcessIdentity[],
  limit: Seconds,
  hurry?: AbortSignal,
): Promise<ProcessIdentity[]> {
  const deadline = performance.now() + limit * 1000;
  let left = processes.filter(isRunning);
  while (left.length > 0 && performance.now() < deadline && !hurry?.aborted) {
    await pause(10);
    left = left.filter(isRunning);
  }
  return left;
}

/** What a process was started from, as far as this user may see it. */
export interface RunningProcess extends ProcessIdentity {
  /** The file name of its program: `postgres`. */
  readonly program: string;
  readonly workingFolder: string;
}

/** All processes of this machine; with `programs` only those whose program's file name is among them. */
export function runningPrograms(programs?: readonly string[]): RunningProcess[] {
  const found: RunningProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isSafeInteger(pid)) continue;
    const program = basename(linkOf(pid, 'exe'));
    if (programs && !programs.includes(program)) continue;
    const identity = identityOf(pid);
    if (identity !== undefined) found.push({ ...identity, program, workingFolder: linkOf(pid, 'cwd') });
  }
  return found;
}

/** The value of a variable in the environment that a process was started with. */
export function startedWith(pid: number, variable: string): string | undefined {
  const prefix = `${variable}=`;
  const entry = contentsOf(pid, 'environ')
    .split('\0')
    .find(text => text.startsWith(prefix));
  return entry?.slice(prefix.length);
}

function contentsOf(pid: number, file: 'stat' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function linkOf(pid: number, link: 'exe' | 'cwd'): string {
  try {
    return readlinkSync(`/proc/${pid}/${link}`).replace(/ \(deleted\)$/, '');
  } catch {
    return '';
  }
}
