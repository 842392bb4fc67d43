import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { LoadlineError } from '../../../model/errors.ts';
import { lastLinesOf } from '../last-lines.ts';
import { endGroup } from '../process-group.ts';

const run = promisify(execFile);

/** Where Go's own installer puts it, which is not always on PATH. */
const GO_FOLDER = '/usr/local/go/bin';

export interface K6Search {
  /** The checkout. */
  readonly root: string;
  readonly signal: AbortSignal;
  /** Told what is about to be done, and why. */
  readonly say: (line: string) => void;
}

/** The path of k6 in the version that Loadline is pinned to: one that is there, or built now with Go. */
export async function findK6(search: K6Search): Promise<string> {
  const there = await presentK6(search.root);
  if (there !== undefined) return there;
  const built = builtIn(search.root);
  await build(built, await k6Version(search.root), search);
  return built;
}

/** The path of k6 in the pinned version, from PATH or from an earlier build; `undefined` when there is none yet. */
export async function presentK6(root: string): Promise<string | undefined> {
  const version = await k6Version(root);
  for (const path of [...onPath('k6'), builtIn(root)]) {
    if ((await versionOf(path)) === version) return path;
  }
  return undefined;
}

/** The path of a Go that can build k6. */
export function findGo(): Promise<string | undefined> {
  return firstThatRuns([...onPath('go'), join(GO_FOLDER, 'go')], 'version');
}

/** The version of k6 that Loadline is pinned to: `2.2.0`. */
export async function k6Version(root: string): Promise<string> {
  const pinned = await readFile(join(root, 'loadtests', 'k6', 'go.mod'), 'utf8');
  const version = /^\s*(?:require )?go\.k6\.io\/k6\/v\d+ v(\S+)/m.exec(pinned)?.[1];
  if (version === undefined) throw new RangeError('loadtests/k6/go.mod names no version of k6');
  return version;
}

/** The version that a k6 says it has; nothing when it cannot be run. */
async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ['version'], { timeout: 10_000 });
    return /^k6 v(\S+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

async function build(to: string, version: string, { root, signal, say }: K6Search): Promise<void> {
  const go = await findGo();
  const install = `install k6 ${version} (https://grafana.com/docs/k6/latest/set-up/install-k6)`;
  if (go === undefined) {
    throw new LoadlineError(
      'k6-missing',
      `k6 ${version} is not on this machine, and neither is Go, which could build it: install Go (https://go.dev/dl), or ${install}.`,
    );
  }
  say(`k6 ${version}, which sends the load, is missing: building it once with ${go} (about a minute)`);
  // k6 calls itself by its file's name when it tells its version, so the name is the final one from the beginning.
  const folder = `${to}.${process.pid}.part`;
  const part = join(folder, basename(to));
  await mkdir(folder, { recursive: true });
  signal.throwIfAborted();
  const child = spawn(go, ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s', '-o', part, 'go.k6.io/k6/v2'], {
    cwd: join(root, 'loadtests', 'k6'),
    env: { ...process.env, GOFLAGS: '-mod=readonly', CGO_ENABLED: '0' },
    // A group of its own, so that an interruption ends the compilers too.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = lastLinesOf(child);
  const interrupt = () => endGroup(child);
  signal.addEventListener('abort', interrupt);
  try {
    const [code] = await once(child, 'close');
    signal.throwIfAborted();
    if (code !== 0 || (await versionOf(part)) !== version) {
      throw new LoadlineError(
        'k6-missing',
        `k6 ${version} is not on this machine, and Go could not build it: ${install}, or see why Go failed:\n${lines.join('\n')}`,
      );
    }
    await rename(part, to);
  } finally {
    signal.removeEventListener('abort', interrupt);
    await rm(folder, { recursive: true, force: true });
  }
}

function builtIn(root: string): string {
  return join(root, '.loadline', 'bin', 'k6');
}

function onPath(program: string): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(folder => folder !== '');
  return folders.map(folder => join(folder, program));
}

async function firstThatRuns(paths: readonly string[], argument: string): Promise<string | undefined> {
  for (const path of paths) {
    const runs = await run(path, [argument]).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  return undefined;
}
