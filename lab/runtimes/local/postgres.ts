import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LoadlineError } from '../../../model/errors.ts';
import type { Seconds } from '../../../model/quantities.ts';
import { inheritedEnvironment } from './inherited-environment.ts';
import { logTail } from './log-tail.ts';
import { type Launcher, postgresLauncher, postgresProgram } from './postgres-programs.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { identityOf, outliving, type ProcessIdentity, runningPrograms, signalAll } from './processes.ts';

/** A Postgres server that runs. */
export interface Postgres {
  /** `postgresql://loadline:…@127.0.0.1:21000/postgres` */
  readonly url: string;
  /** Of the postmaster: the parent of every other process of the server. */
  readonly pid: number;
  /** Ends sessions and server, and returns when every process is gone. */
  stop(): Promise<void>;
}

export interface PostgresSettings {
  /** Holds data, password and log; what is there already is used again. */
  readonly folder: string;
  readonly port: number;
  readonly maxConnections: number;
  readonly signal?: AbortSignal;
}

const USER = 'loadline';
const START_LIMIT: Seconds = 20;
const STOP_LIMIT: Seconds = 5;

/** Starts Postgres on 127.0.0.1, with a database made first when the folder has none; it outlives the calling process. */
export async function startPostgres({ folder, port, maxConnections, signal }: PostgresSettings): Promise<Postgres> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const home = await realpath(folder);
  if (processesIn(home).length > 0) {
    throw new LoadlineError('postgres-failed', `Postgres already runs in ${home}; stop it first with ./loadline down`);
  }
  const launcher = await postgresLauncher();
  const password = await passwordIn(home);
  await createData(home, launcher, signal);
  // Nothing runs here: what the file says is of a server that was killed, and its number may be another's by now.
  await rm(join(dataIn(home), 'postmaster.pid'), { force: true });
  const pid = await serve(home, launcher, port, maxConnections, signal);
  return { url: urlOf(password, port), pid, stop: () => stopPostgres(home) };
}

/** Ends every process of the server in `folder`, whoever started it; does nothing when there is none. */
export async function stopPostgres(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const home = await realpath(folder);
  const postmaster = await readPostmasterFile(dataIn(home));
  const main = processesIn(home).filter(({ pid }) => pid === postmaster?.pid);
  // SIGINT is "fast": sessions are ended, the data is left tidy. SIGQUIT leaves recovery to the next start.
  signalAll(main, 'SIGINT');
  if ((await outliving(main, STOP_LIMIT)).length > 0) signalAll(main, 'SIGQUIT');
  await outliving(main, 1);
  const left = processesIn(home);
  signalAll(await outliving(left, 0.5), 'SIGKILL');
  await outliving(left, 1);
}

/** All processes of the server in `folder`: a server of Postgres works in its data folder, and so do its children. */
export function processesIn(folder: string): ProcessIdentity[] {
  const data = dataIn(folder);
  return runningPrograms(['postgres', 'initdb']).filter(({ workingFolder }) => workingFolder.startsWith(data));
}

async function createData(home: string, launcher: Launcher, signal: AbortSignal | undefined): Promise<void> {
  if (existsSync(dataIn(home))) return;
  const unfinished = `${dataIn(home)}-unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  const passwordFile = join(home, 'password');
  await launcher.own([unfinished, passwordFile, home]);
  const log = await open(join(home, 'initdb.log'), 'w');
  // In a process group of its own, so that a Ctrl-C of the terminal does not reach it but through `signal`.
  const initdb = spawn(
    ...launcher.command(await postgresProgram('initdb'), [
      ...['--pgdata', unfinished, '--username', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
      ...['--encoding', 'UTF8', '--no-locale', '--no-sync', '--no-instructions'],
    ]),
    {
      ...launcher.options,
      env: inheritedEnvironment(),
      cwd: unfinished,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    },
  );
  const interrupt = () => endGroup(initdb.pid);
  signal?.addEventListener('abort', interrupt);
  try {
    const [code] = await once(initdb, 'exit').catch((cause: unknown) => {
      const advice =
        'its checkout must lie in a folder that every user may enter, or run Loadline as another user than root';
      throw new LoadlineError('postgres-failed', `initdb could not be started; ${advice}`, { cause });
    });
    signal?.throwIfAborted();
    if (code !== 0) {
      throw new LoadlineError(
        'postgres-failed',
        `initdb could not create ${home}:${logTail(join(home, 'initdb.log'))}`,
      );
    }
    await rename(unfinished, dataIn(home));
  } finally {
    signal?.removeEventListener('abort', interrupt);
    await log.close();
  }
}

async function serve(
  home: string,
  launcher: Launcher,
  port: number,
  maxConnections: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  signal?.throwIfAborted();
  const logFile = join(home, 'postgres.log');
  const log = await open(logFile, 'w');
  const settings = {
    listen_addresses: '127.0.0.1',
    port: `${port}`,
    // A path of the socket may have 107 bytes at most, and nobody needs one.
    unix_socket_directories: '',
    max_connections: `${maxConnections}`,
    // As a user's own server has them: an order that was answered survives the machine's power cut.
    fsync: 'on',
    synchronous_commit: 'on',
    log_timezone: 'UTC',
    timezone: 'UTC',
  };
  const server = spawn(
    ...launcher.command(await postgresProgram('postgres'), [
      ...['-D', dataIn(home)],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ]),
    {
      ...launcher.options,
      env: inheritedEnvironment(),
      cwd: dataIn(home),
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    },
  );
  let ended = false;
  server.once('error', () => (ended = true));
  server.once('exit', () => (ended = true));
  await log.close();
  server.unref();
  const deadline = performance.now() + START_LIMIT * 1000;
  while (true) {
    const postmaster = await readPostmasterFile(dataIn(home));
    if (postmaster?.ready && postmaster.pid === server.pid) return postmaster.pid;
    const late = performance.now() > deadline;
    if (ended || late || signal?.aborted) {
      await stopPostgres(home);
      signal?.throwIfAborted();
      const what = late ? `was not ready within ${START_LIMIT} s` : 'ended while it started';
      throw new LoadlineError('postgres-failed', `Postgres in ${home} ${what}; the end of its log:${logTail(logFile)}`);
    }
    await pause(10);
  }
}

async function passwordIn(home: string): Promise<string> {
  const file = join(home, 'password');
  if (!existsSync(file)) {
    await writeFile(`${file}.new`, `${randomBytes(18).toString('hex')}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
  return (await readFile(file, 'utf8')).trim();
}

function dataIn(home: string): string {
  return join(home, 'data');
}

function urlOf(password: string, port: number): string {
  return `postgresql://${USER}:${password}@127.0.0.1:${port}/postgres`;
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined || identityOf(pid) === undefined) return;
  process.kill(-pid, 'SIGKILL');
}
