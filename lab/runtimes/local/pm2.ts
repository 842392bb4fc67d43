import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { LoadlineError } from '../../../model/errors.ts';
import type { Seconds } from '../../../model/quantities.ts';
import { inheritedEnvironment, runChild } from '../child-process.ts';
import {
  indentTail,
  killAll,
  outliving,
  type RunningProcess,
  runningPrograms,
  signalAll,
  startedWith,
} from './processes.ts';

/** PM2's own list of programs to run, as plain data. */
interface Ecosystem {
  readonly apps: readonly object[];
}

/** After PM2's own `kill_timeout`, a limit of the list, all should have ended. */
const STOP_LIMIT: Seconds = 15;
/** For a program that is ended by itself. */
const END_LIMIT: Seconds = 2;
/** The file names of PM2 and of what it runs. */
export const pm2Programs = ['node', 'k6'];
/** Processes end on SIGTERM, and are started and stopped side by side. */
const settings = { PM2_KILL_SIGNAL: 'SIGTERM', PM2_CONCURRENT_ACTIONS: '64' };

/**
 * Starts all programs of `ecosystem`; they and PM2's daemon outlive the calling process. PM2 is a program of its own (it
 * is under the AGPL and never linked), with `home` in place of the user's `~/.pm2`.
 */
export async function startProcesses(home: string, ecosystem: Ecosystem, signal?: AbortSignal): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const list = join(home, 'ecosystem.json');
  await writeFile(list, JSON.stringify(ecosystem, null, 2), { mode: 0o600 });
  const { code, stdout, stderr } = await runPm2(home, ['start', list, '--silent'], { signal });
  if (code === 0) return;
  const message = `PM2 could not start ${list}; its log is ${join(home, 'pm2.log')}, the end of what it said:`;
  throw new LoadlineError('workers-failed', `${message}${indentTail(`${stdout}${stderr}`)}`);
}

/** Ends PM2's daemon of `home` and everything that it runs. Processes drain first, unless `hurry` is aborted. */
export async function stopProcesses(home: string, hurry?: AbortSignal): Promise<void> {
  if (pm2Processes(home).length > 0 && !hurry?.aborted) {
    // The daemon stops what it runs, and then itself. What it could not stop is killed below.
    await runPm2(home, ['kill', '--silent'], { signal: hurry, limit: STOP_LIMIT }).catch(() => undefined);
  }
  await killAll(() => pm2Processes(home));
}

/** Ends those that PM2 runs under these names; PM2 starts them again after their `restart_delay`. */
export async function endPrograms(home: string, names: readonly string[], hurry?: AbortSignal): Promise<void> {
  if (hurry?.aborted) return;
  const named = pm2Processes(home).filter(({ pid }) => names.includes(startedWith(pid, 'name') ?? ''));
  signalAll(named, 'SIGTERM');
  await outliving(named, END_LIMIT, hurry);
}

/** PM2's daemon of `home`, its commands in progress, and what it runs: all have that `PM2_HOME` in their environment. */
export function pm2Processes(home: string): RunningProcess[] {
  return runningPrograms(pm2Programs).filter(({ pid }) => startedWith(pid, 'PM2_HOME') === home);
}

function runPm2(
  home: string,
  args: readonly string[],
  ending: Pick<Parameters<typeof runChild>[2] & {}, 'signal' | 'limit'>,
) {
  const program = createRequire(import.meta.url).resolve('pm2/bin/pm2');
  const env = inheritedEnvironment({
    ...settings,
    PM2_HOME: home,
    // Relative to `home`, since the path of a socket may have 107 bytes at most. PM2 fails where it cannot look for the
    // third, which no program serves.
    PM2_DAEMON_RPC_PORT: 'rpc.sock',
    PM2_DAEMON_PUB_PORT: 'pub.sock',
    PM2_INTERACTOR_RPC_PORT: 'interactor.sock',
  });
  return runChild(process.execPath, [program, ...args], { cwd: home, env, ...ending });
}
