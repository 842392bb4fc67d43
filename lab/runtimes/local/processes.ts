import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Seconds } from '../../../model/quantities.ts';
import { readText } from '../../../services/cpus.ts';

/** A process of this machine that is not mistaken for a later one of the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the machine's start to the process's. */
  readonly started: number;
}

/** What a process was started from, as far as this user may see it. */
export interface RunningProcess extends ProcessIdentity {
  /** The file name of its program: `postgres`. */
  readonly program: string;
  readonly workingFolder: string;
}

const LOG_LINES = 12;
/** Long enough for a command to stop its own stack. */
const LONGEST_END: Seconds = 8;

/** All processes of this machine; with `programs` only those whose program's file name is among them. */
export function runningPrograms(programs?: readonly string[]): RunningProcess[] {
  return readdirSync('/proc').flatMap(entry => {
    const pid = Number(entry);
    if (!Number.isSafeInteger(pid)) return [];
    const program = basename(readLink(pid, 'exe'));
    if (programs && !programs.includes(program)) return [];
    const identity = identifyProcess(pid);
    return identity ? [{ ...identity, program, workingFolder: readLink(pid, 'cwd') }] : [];
  });
}

/** The value of a variable in the environment that a process was started with. */
export function startedWith(pid: number, variable: string): string | undefined {
  const entries = (readText(`/proc/${pid}/environ`) ?? '').split('\0');
  return entries.find(entry => entry.startsWith(`${variable}=`))?.slice(variable.length + 1);
}

/** Sends `signal` to each of `processes` that still runs. */
export function signalAll(processes: readonly ProcessIdentity[], signal: NodeJS.Signals): void {
  for (const one of processes.filter(isRunning)) {
    try {
      process.kill(one.pid, signal);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

/** Waits until all of `processes` have ended, `limit` has passed or `hurry` is aborted; returns those that still run. */
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

/** Kills processes until `find` finds none: one that is killed may just have started another. */
export async function killAll(find: () => ProcessIdentity[]): Promise<void> {
  for (let left = find(); left.length > 0; left = find()) {
    signalAll(left, 'SIGKILL');
    await outliving(left, 1);
  }
}

/** Ends every process that works in `folder`, or was started with it as TMPDIR. */
export async function endAllIn(folder: string): Promise<void> {
  const isInside = (path = '') => path === folder || path.startsWith(`${folder}/`);
  const find = () =>
    runningPrograms().filter(
      ({ pid, workingFolder }) => isInside(workingFolder) || isInside(startedWith(pid, 'TMPDIR')),
    );
  const asked = find();
  signalAll(asked, 'SIGINT');
  await outliving(asked, LONGEST_END);
  await killAll(find);
}

/** The last lines of a log, indented, for the message of an error; empty where it cannot be read. */
export function readLogTail(file: string): string {
  try {
    return indentTail(readFileSync(file, 'utf8'));
  } catch {
    return '';
  }
}

/** The last lines of a text, indented, each on a line of its own. */
export function indentTail(text: string): string {
  const lines = text.trimEnd().split('\n').slice(-LOG_LINES);
  return text.trim() === '' ? '' : lines.map(line => `\n    ${line}`).join('');
}

/** `undefined`: no process of that number runs. */
function identifyProcess(pid: number): ProcessIdentity | undefined {
  const stat = readText(`/proc/${pid}/stat`) ?? '';
  // The name stands in parentheses and may hold anything, so fields are counted from its end.
  const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ['', 'Z', 'X'].includes(state) ? undefined : { pid, started: Number(fields[18]) };
}

function isRunning(process: ProcessIdentity): boolean {
  return identifyProcess(process.pid)?.started === process.started;
}

function readLink(pid: number, link: 'exe' | 'cwd'): string {
  try {
    return readlinkSync(`/proc/${pid}/${link}`).replace(/ \(deleted\)$/, '');
  } catch {
    return '';
  }
}
