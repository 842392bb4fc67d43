import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir, setPriority, tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { LoadlineError } from '../../../model/errors.ts';
import { serveReports } from '../../probe/report-server.ts';
import { k6Flags, k6Variables, type LaunchK6 } from '../../run/generator.ts';
import { endGroup, runChild } from '../child-process.ts';
import { indentTail } from './processes.ts';

export interface K6Search {
  /** The checkout. */
  readonly root: string;
  readonly signal: AbortSignal;
  /** Told what is about to be done, and why. */
  readonly say: (line: string) => void;
}

/** Where Go's own installer puts it, which is not always on PATH. */
const GO_FOLDER = '/usr/local/go/bin';
const LINES_KEPT = 10;
/**
 * A nice value: half again the weight of the others. With -10, ten times their weight, k6 wakes up for every answer: its
 * CPU time per request rose by 20 to 45 %, and 3,400/s that were carried without it no longer were.
 */
const K6_PRIORITY = -2;

/** The path of k6 in the version that Loadline is pinned to: one that is there, or built now with Go. */
export async function findK6(search: K6Search): Promise<string> {
  return (await presentK6(search.root)) ?? buildK6(search);
}

/** The path of k6 in the pinned version, from PATH or from an earlier build; `undefined` when there is none yet. */
export async function presentK6(root: string): Promise<string | undefined> {
  const version = await k6Version(root);
  for (const path of [...onPath('k6'), builtK6(root)]) if ((await readVersion(path)) === version) return path;
  return undefined;
}

/** The path of a Go that can build k6. */
export async function findGo(): Promise<string | undefined> {
  for (const path of [...onPath('go'), join(GO_FOLDER, 'go')]) {
    const outcome = await runChild(path, ['version']).catch(() => undefined);
    if (outcome?.code === 0) return path;
  }
  return undefined;
}

/** The version of k6 that Loadline is pinned to: `2.2.0`. */
export async function k6Version(root: string): Promise<string> {
  const pinned = await readFile(join(root, 'loadtests', 'k6', 'go.mod'), 'utf8');
  const version = /^\s*(?:require )?go\.k6\.io\/k6\/v\d+ v(\S+)/m.exec(pinned)?.[1];
  if (version === undefined) throw new RangeError('loadtests/k6/go.mod names no version of k6');
  return version;
}

/** Launches the k6 at `path` as a process of this machine; `onStart` is told its process id. */
export function localK6(path: string, onStart?: (pid: number) => void): LaunchK6 {
  return async ({ script, settings }, desk) => {
    const home = await mkdtemp(join(tmpdir(), 'loadline-k6-'));
    const orders = await serveReports(report => desk.take(report));
    const cleanUp = async () => {
      await orders.close();
      await rm(home, { recursive: true, force: true });
    };
    const k6 = spawn(path, ['run', ...k6Flags, join(import.meta.dirname, '../../../loadtests', script)], {
      // A group of its own: Ctrl-C in a terminal is for the lab, which then ends k6.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // No `K6_…` variables and no file in a home, which may change a load.
      env: {
        ...{ PATH: process.env.PATH ?? '', HOME: home, XDG_CONFIG_HOME: home, TMPDIR: home },
        ...k6Variables,
        ...settings,
        ORDERS: orders.address,
      },
    });
    const closed = once(k6, 'close');
    if (k6.pid === undefined) {
      const cause = await closed.catch((error: unknown) => error);
      await cleanUp();
      throw new LoadlineError('k6-failed', `k6 at ${path} cannot be started.`, { cause });
    }
    raisePriority(k6.pid);
    onStart?.(k6.pid);
    let ending: Promise<void> | undefined;
    return {
      ended: closed.then(() => k6.signalCode ?? `exit code ${k6.exitCode}`),
      lines: keepLastLines(k6),
      end: () => (ending ??= endGroup(k6).then(cleanUp)),
    };
  };
}

async function buildK6({ root, signal, say }: K6Search): Promise<string> {
  const version = await k6Version(root);
  const go = await findGo();
  const install = `install k6 ${version} (https://grafana.com/docs/k6/latest/set-up/install-k6)`;
  if (go === undefined) {
    throw new LoadlineError(
      'k6-missing',
      `k6 ${version} is not on this machine, and neither is Go, which could build it: install Go (https://go.dev/dl), or ${install}.`,
    );
  }
  say(`k6 ${version}, which sends the load, is missing: building it once with ${go} (about a minute)`);
  const built = builtK6(root);
  const folder = `${built}.${process.pid}.part`;
  // k6 tells its version under its file's name, so the name is the final one from the beginning.
  const part = join(folder, basename(built));
  try {
    await mkdir(folder, { recursive: true });
    const args = ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s', '-o', part, 'go.k6.io/k6/v2'];
    // Go's caches and telemetry lie in the checkout, and go when k6 is built; the settings are the user's.
    const { XDG_CONFIG_HOME = join(homedir(), '.config'), GOENV = join(XDG_CONFIG_HOME, 'go/env') } = process.env;
    const own = { GOENV, XDG_CONFIG_HOME: folder, GOPATH: join(folder, 'go'), GOCACHE: join(folder, 'cache') };
    const env = { ...process.env, ...own, GOFLAGS: '-mod=readonly -modcacherw', CGO_ENABLED: '0' };
    const { code, stderr } = await runChild(go, args, { cwd: join(root, 'loadtests', 'k6'), env, signal });
    if (code !== 0 || (await readVersion(part)) !== version) {
      throw new LoadlineError(
        'k6-missing',
        `k6 ${version} is not on this machine, and Go could not build it: ${install}, or see why Go failed:${indentTail(stderr)}`,
      );
    }
    await rename(part, built);
    return built;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The version that a k6 says it has; nothing when it cannot be run. */
async function readVersion(path: string): Promise<string | undefined> {
  const outcome = await runChild(path, ['version'], { limit: 10 }).catch(() => undefined);
  return /^k6 v(\S+)/.exec(outcome?.stdout ?? '')?.[1];
}

/** Gives a new process precedence for CPU time, as far as this user may. */
function raisePriority(pid: number): void {
  const ways = [
    // Linux keeps a nice value per thread.
    () => readdirSync(`/proc/${pid}/task`).map(thread => setPriority(Number(thread), K6_PRIORITY)),
    // Where it groups processes by session, the session's value counts and not that of its threads.
    () => writeFileSync(`/proc/${pid}/autogroup`, `${K6_PRIORITY}`),
  ];
  for (const raise of ways) {
    try {
      raise();
    } catch {
      // Not permitted: k6 keeps the default priority.
    }
  }
}

/** The last lines that a child has written, kept up to date as it writes. */
function keepLastLines(child: ChildProcess): readonly string[] {
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    if (input === null) continue;
    createInterface({ input }).on('line', line => {
      lines.push(line);
      if (lines.length > LINES_KEPT) lines.shift();
    });
  }
  return lines;
}

function builtK6(root: string): string {
  return join(root, '.loadline', 'bin', 'k6');
}

function onPath(program: string): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map(folder => join(folder, program));
}
