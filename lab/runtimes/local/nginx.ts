import { readFileSync } from 'node:fs';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { LoadlineError } from '../../../model/errors.ts';
import { limits } from '../../../model/limits.ts';
import { connectionsWithin, type NginxSettings, renderNginx } from '../../../nginx/render.ts';
import { inheritedEnvironment, runChild } from '../child-process.ts';
import { outliving, type ProcessIdentity, readLogTail, runningPrograms, signalAll } from './processes.ts';

/** An nginx that can be started. */
export interface NginxProgram {
  readonly path: string;
  /** `1.22.1` */
  readonly version: string;
}

/** What the caller decides; the version and the connections follow from the program and the machine. */
export type LocalNginxSettings = Omit<NginxSettings, 'version' | 'daemon' | 'host' | 'connections' | 'logs'>;

/** An nginx that runs. */
export interface Nginx {
  readonly version: string;
  /** Of the master, the parent of the processes that serve. */
  readonly pid: number;
  /** Answers what is in progress, and returns when every process is gone. */
  stop(): Promise<void>;
}

/** The oldest nginx that Loadline's configuration is tested with. */
export const OLDEST_NGINX = '1.22';
/** Where an nginx is unpacked that the machine lacks. */
export const UNPACKED_NGINX = join(import.meta.dirname, '../../../.loadline/nginx');

/** Finds an nginx that is new enough: on PATH, where systems put programs for administrators, or in the checkout. */
export async function findNginx(): Promise<NginxProgram | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const folder of [...folders, '/usr/sbin', '/usr/local/sbin', '/usr/local/nginx/sbin', UNPACKED_NGINX]) {
    const path = join(folder, 'nginx');
    const said = await runChild(path, ['-v']).catch(() => undefined);
    const version = /nginx\/([\d.]+)/.exec(said?.stderr ?? '')?.[1];
    if (version !== undefined && version.localeCompare(OLDEST_NGINX, 'en', { numeric: true }) >= 0) {
      return { path, version };
    }
  }
  return undefined;
}

/** Renders the configuration and starts nginx, which outlives the calling process. */
export async function startNginx(program: NginxProgram, settings: LocalNginxSettings): Promise<Nginx> {
  await mkdir(settings.folder, { recursive: true, mode: 0o700 });
  const folder = await realpath(settings.folder);
  const text = renderNginx({
    ...settings,
    folder,
    version: program.version,
    daemon: true,
    logs: 'files',
    host: '127.0.0.1',
    connections: connectionsWithin(readOpenFilesLimit(), settings.measuring, files => `run ulimit -n ${files} first`),
  });
  await writeFile(join(folder, 'nginx.conf'), text);
  await runNginx(program, folder, ['-t', '-q']);
  // Returns when its sockets listen and its processes have been started.
  await runNginx(program, folder, []);
  const pid = Number(await readFile(join(folder, 'nginx.pid'), 'utf8'));
  return { version: program.version, pid, stop: () => stopNginx(folder) };
}

/**
 * Ends every process of the nginx in `folder`, whichever command started it. Answers requests in progress first, unless
 * `hurry` is aborted.
 */
export async function stopNginx(folder: string, hurry?: AbortSignal): Promise<void> {
  const serving = nginxProcesses(folder);
  if (!hurry?.aborted) signalAll(serving, 'SIGQUIT');
  await outliving(serving, hurry?.aborted ? 0 : limits.worker.drain, hurry);
  signalAll(nginxProcesses(folder), 'SIGTERM');
  const left = await outliving(nginxProcesses(folder), 2);
  signalAll(left, 'SIGKILL');
  await outliving(left, 1);
}

/** All processes of the nginx in `folder`, its working folder. */
export function nginxProcesses(folder: string): ProcessIdentity[] {
  return runningPrograms(['nginx']).filter(({ workingFolder }) => workingFolder === folder);
}

async function runNginx({ path }: NginxProgram, folder: string, args: readonly string[]): Promise<void> {
  const errorLog = join(folder, 'error.log');
  const configuration = join(folder, 'nginx.conf');
  const all = ['-e', errorLog, '-c', configuration, '-p', folder, ...args];
  const { code, stderr } = await runChild(path, all, { cwd: folder, env: inheritedEnvironment() });
  if (code === 0) return;
  const said = stderr.trim() || readLogTail(errorLog);
  throw new LoadlineError('nginx-refused', `nginx did not take ${configuration}: ${said}`);
}

/** How many files a process of this user may open. */
function readOpenFilesLimit(): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return hard === undefined || hard === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(hard);
}
