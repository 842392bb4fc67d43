import { spawn } from 'node:child_process';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { LoadlineError } from '../../../model/errors.ts';
import type { Seconds } from '../../../model/quantities.ts';
import { inheritedEnvironment } from './inherited-environment.ts';
import { logTail } from './log-tail.ts';
import { outliving, type RunningProcess, runningPrograms, signalAll, startedWith } from './processes.ts';

/** PM2's own list of programs to run, as plain data. */
export interface Ecosystem {
  readonly apps: readonly object[];
}

/** After PM2's own `kill_timeout`, a limit of the list, all should have ended. */
const STOP_LIMIT: Seconds = 15;
/** Of a program that is ended by itself. */
const END_LIMIT: Seconds = 2;

/** What PM2's last command said of what went wrong. */
const SAID = 'said.log';

/** Processes end on SIGTERM; nothing waits for others to be started or stopped before it. */
const settings = { PM2_KILL_SIGNAL: 'SIGTERM', PM2_CONCURRENT_ACTIONS: '64' };

/**
 * PM2 as a program of its own (it is under the AGPL and never linked) with `home` in place of the user's `~/.pm2`.
 * Starts all programs of `ecosystem`; they and PM2's daemon outlive the calling process.
 */
export async function startProcesses(home: string, ecosystem: Ecosystem, signal?: AbortSignal): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const list = join(home, 'ecosystem.json');
  await writeFile(list, JSON.stringify(ecosystem, null, 2), { mode: 0o600 });
  try {
    await pm2(home, ['start', list, '--silent'], signal);
  } catch (cause) {
    signal?.throwIfAborted();
    const message = `PM2 could not start ${list}; its log is ${join(home, 'pm2.log')}, the end of what it said:`;
    throw new LoadlineError('workers-failed', `${message}${logTail(join(home, SAID))}`, { cause });
  }
}

/**
 * Ends PM2's daemon of `home` and everything that it runs, and returns when all is gone. Processes drain first, unless
 * `hurry` is aborted.
 */
export async function stopProcesses(home: string, hurry?: AbortSignal): Promise<void> {
  if (processesIn(home).length > 0 && !hurry?.aborted) {
    const limit = AbortSignal.timeout(STOP_LIMIT * 1000);
    // The daemon stops what it runs, all at once, and then itself. What it could not stop is ended below.
    await pm2(home, ['kill', '--silent'], hurry ? AbortSignal.any([hurry, limit]) : limit).catch(() => undefined);
  }
  // What is being killed may just have started another process.
  for (let left = processesIn(home); left.length > 0; left = processesIn(home)) {
    signalAll(left, 'SIGKILL');
    await outliving(left, 1);
  }
}

/**
 * Ends those that PM2 runs under these names, and returns when they are gone or have not obeyed for long; unless it is
 * stopped meanwhile, PM2 starts them again after their `restart_delay`.
 */
export async function endPrograms(home: string, names: readonly string[], hurry?: AbortSignal): Promise<void> {
  if (hurry?.aborted) return;
  const named = processesIn(home).filter(({ pid }) => names.includes(startedWith(pid, 'name') ?? ''));
  signalAll(named, 'SIGTERM');
  await outliving(named, END_LIMIT, hurry);
}

/** The file names of what PM2 runs here, its own among them. */
export const programs = ['node', 'k6'];

/** PM2's daemon of `home`, its commands in progress, and what it runs: whatever was started with that `PM2_HOME`. */
export function processesIn(home: string): RunningProcess[] {
  return runningPrograms(programs).filter(({ pid }) => startedWith(pid, 'PM2_HOME') === home);
}

async function pm2(home: string, args: readonly string[], signal?: AbortSignal): Promise<void> {
  const program = createRequire(import.meta.url).resolve('pm2/bin/pm2');
  // Sockets are named from the home, since a path of theirs may have 107 bytes at most. Nobody serves the third, but
  // every command looks whether somebody does, and fails some time after it could not.
  const env = inheritedEnvironment({
    ...settings,
    PM2_HOME: home,
    PM2_DAEMON_RPC_PORT: 'rpc.sock',
    PM2_DAEMON_PUB_PORT: 'pub.sock',
    PM2_INTERACTOR_RPC_PORT: 'interactor.sock',
  });
  await using said = await open(join(home, SAID), 'w');
  await new Promise<void>((resolve, reject) => {
    // In a process group of its own: a Ctrl-C of the terminal reaches it through `signal` alone.
    const child = spawn(process.execPath, [program, ...args], {
      cwd: home,
      env,
      detached: true,
      stdio: ['ignore', 'ignore', said.fd],
      ...(signal && { signal, killSignal: 'SIGKILL' }),
    });
    child.once('error', reject);
    child.once('exit', code => (code === 0 ? resolve() : reject(new Error(`pm2 ${args[0]} ended with code ${code}`))));
  });
}
