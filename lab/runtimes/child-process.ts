import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Seconds } from '../../model/quantities.ts';

interface ChildOptions extends Pick<SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'> {
  /** Ends the program and everything that it started. */
  readonly signal?: AbortSignal | undefined;
  /** How long the program may run; absent: as long as it takes. */
  readonly limit?: Seconds | undefined;
}

/** How a program ended. */
interface ChildOutcome {
  /** `null`: a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it was ended because it took longer than its limit. */
  readonly late: boolean;
}

/** From SIGINT to SIGKILL. */
const LONGEST_END: Seconds = 2;
const inherited = ['PATH', 'HOME', 'USER', 'LANG', 'TMPDIR', 'NODE_COMPILE_CACHE'];

/**
 * Runs a program to its end. It has a process group of its own, so that Ctrl-C in a terminal reaches it through `signal`
 * only. Throws the signal's reason, or the system's error where the program cannot be started.
 */
export async function runChild(
  program: string,
  args: readonly string[],
  { signal, limit, ...options }: ChildOptions = {},
): Promise<ChildOutcome> {
  signal?.throwIfAborted();
  const child = spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const end = () => void endGroup(child);
  signal?.addEventListener('abort', end);
  let late = false;
  const giveUp = () => {
    late = true;
    end();
  };
  const timer = Number.isFinite(limit) ? setTimeout(giveUp, Number(limit) * 1000) : undefined;
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    signal?.throwIfAborted();
    return { code, late, ...said };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}

/** Ends a detached child with its process group, by SIGKILL when SIGINT is not enough; returns when the child is gone. */
export async function endGroup(child: ChildProcess): Promise<void> {
  const { pid } = child;
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  if (pid === undefined || hasEnded()) return;
  const ended = once(child, 'exit');
  process.kill(-pid, 'SIGINT');
  const force = setTimeout(() => {
    if (!hasEnded()) process.kill(-pid, 'SIGKILL');
  }, LONGEST_END * 1000);
  await ended;
  clearTimeout(force);
}

/**
 * The environment of everything that is measured. An exported `NODE_OPTIONS`, `PGOPTIONS` or `LOADLINE_LOG_LEVEL` would
 * change what is measured without a trace in the results, so only these variables of the user are passed on.
 */
export function inheritedEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => inherited.includes(name));
  return { ...Object.fromEntries(own), ...more };
}
