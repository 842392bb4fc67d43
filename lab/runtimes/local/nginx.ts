import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { LoadlineError } from '../../../model/errors.ts';
import { limits } from '../../../model/limits.ts';
import { connectionsWithin, type NginxSettings, renderNginx } from '../../../nginx/render.ts';
import { inheritedEnvironment } from './inherited-environment.ts';
import { logTail } from './log-tail.ts';
import { outliving, type ProcessIdentity, runningPrograms, signalAll } from './processes.ts';

const run = promisify(execFile);

/** The nginx of this machine. */
export interface NginxProgram {
  readonly path: string;
  /** `1.22.1` */
  readonly version: string;
}

/** The oldest nginx that Loadline's configuration is tested with. */
export const OLDEST_NGINX = '1.22';

/** Finds an nginx that is new enough, on PATH or where systems put programs for administrators. */
export async function findNginx(): Promise<NginxProgram | undefined> {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    '/usr/local/nginx/sbin',
  ];
  for (const folder of folders.filter(Boolean)) {
    const path = join(folder, 'nginx');
    const said = await run(path, ['-v']).catch(() => undefined);
    const version = /nginx\/([\d.]+)/.exec(said?.stderr ?? '')?.[1];
    if (version !== undefined && version.localeCompare(OLDEST_NGINX, 'en', { numeric: true }) >= 0) {
      return { path, version };
    }
  }
  return undefined;
}

/** What the runtime leaves to this file: the version that is there, and the connections that the machine allows. */
export type LocalNginxSettings = Omit<NginxSettings, 'version' | 'daemon' | 'host' | 'connections' | 'logs'>;

/** An nginx that runs. */
export interface Nginx {
  readonly version: string;
  /** Of the master, the parent of the processes that serve. */
  readonly pid: number;
  /** Answers what is in progress, and returns when every process is gone. */
  stop(): Promise<void>;
}

/** Renders the configuration for the nginx that is there and starts it; it outlives the calling process. */
export async function startNginx(program: NginxProgram, settings: LocalNginxSettings): Promise<Nginx> {
  await mkdir(settings.folder, { recursive: true, mode: 0o700 });
  const folder = await realpath(settings.folder);
  await writeConfiguration(program, { ...settings, folder });
  // It returns when its sockets listen and its processes have been started.
  await command(program, folder, []);
  const pid = Number(await readFile(join(folder, 'nginx.pid'), 'utf8'));
  return {
    version: program.version,
    pid,
    stop: () => stopNginx(folder),
  };
}

/**
 * Ends every process of the nginx in `folder`, whoever started it; does nothing when there is none. Requests in
 * progress are answered first, unless `hurry` is aborted.
 */
export async function stopNginx(folder: string, hurry?: AbortSignal): Promise<void> {
  const serving = processesIn(folder);
  if (!hurry?.aborted) signalAll(serving, 'SIGQUIT');
  await outliving(serving, hurry?.aborted ? 0 : limits.worker.drain, hurry);
  signalAll(processesIn(folder), 'SIGTERM');
  // A request that is still in progress holds SIGTERM up for no longer than it takes to close its connection.
  const left = await outliving(processesIn(folder), 2);
  signalAll(left, 'SIGKILL');
  await outliving(left, 1);
}

/** All processes of the nginx in `folder`: it was started there, and nothing moves it. */
export function processesIn(folder: string): ProcessIdentity[] {
  return runningPrograms(['nginx']).filter(({ workingFolder }) => workingFolder === folder);
}

async function writeConfiguration(program: NginxProgram, settings: LocalNginxSettings): Promise<void> {
  const text = renderNginx({
    ...settings,
    version: program.version,
    daemon: true,
    logs: 'files',
    host: '127.0.0.1',
    connections: connectionsWithin(openFilesLimit(), settings.measuring, files => `run ulimit -n ${files} first`),
  });
  await writeFile(configurationIn(settings.folder), text);
  await command(program, settings.folder, ['-t', '-q']);
}

async function command({ path }: NginxProgram, folder: string, args: readonly string[]): Promise<void> {
  const errorLog = join(folder, 'error.log');
  try {
    await run(path, ['-e', errorLog, '-c', configurationIn(folder), '-p', folder, ...args], {
      cwd: folder,
      env: inheritedEnvironment(),
    });
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new LoadlineError(
      'nginx-refused',
      `nginx did not take ${configurationIn(folder)}: ${said || logTail(errorLog)}`,
      { cause },
    );
  }
}

function configurationIn(folder: string): string {
  return join(folder, 'nginx.conf');
}

/** How many files a process of this user may open at most. */
function openFilesLimit(): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return hard === undefined || hard === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(hard);
}
