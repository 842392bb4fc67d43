import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, statSync } from 'node:fs';
import { rename, rm, utimes } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LoadlineError } from '../../../model/errors.ts';
import { tryLock } from '../lock.ts';
import { endGroup } from '../process-group.ts';
import { inheritedEnvironment } from './inherited-environment.ts';

export interface PageBuild {
  /** The checkout. */
  readonly root: string;
  readonly signal: AbortSignal;
  /** Told that the page is being built. */
  readonly say: (line: string) => void;
}

/** Where the built page lies in the checkout. */
export const BUILT_PAGE = 'dashboard/page/dist';
/** What the page is made of: whatever it may import. */
const sources = [
  'dashboard/page/**/*',
  'dashboard/protocol.ts',
  'services/*.ts',
  'lab/{experiment,queueing,simulation,search,claims,explain,compare,plan,view,report}/**/*.ts',
  'loadtests/lib/*.ts',
  'package-lock.json',
];
const ASK_EVERY_MS = 100;
const LINES_SHOWN = 12;

/** Builds the page of the dashboard into `dashboard/page/dist`, where it is missing or older than its sources. */
export async function buildPage(options: PageBuild): Promise<void> {
  while (!isFresh(options.root)) {
    await using lock = await tryLock(`page ${options.root}`);
    if (lock !== undefined) {
      // Another command may have built it just before.
      if (!isFresh(options.root)) await build(options);
      return;
    }
    await pause(ASK_EVERY_MS, undefined, { signal: options.signal });
  }
}

function isFresh(root: string): boolean {
  const since = statSync(join(root, BUILT_PAGE, 'index.html'), { throwIfNoEntry: false })?.mtimeMs;
  if (since === undefined) return false;
  const paths = globSync(sources, { cwd: root }).filter(path => !path.startsWith(BUILT_PAGE));
  return paths.every(path => (statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0) <= since);
}

async function build({ root, signal, say }: PageBuild): Promise<void> {
  say('building the page of the dashboard, which is missing or older than its sources');
  const began = new Date();
  const unfinished = join(root, '.loadline', `page-${process.pid}`);
  signal.throwIfAborted();
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js');
  // A group of its own, so that an interruption ends whatever it starts.
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn', '--outDir', unfinished], {
    cwd: join(root, 'dashboard/page'),
    env: inheritedEnvironment(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (written += text));
  const interrupt = () => void endGroup(child);
  signal.addEventListener('abort', interrupt);
  try {
    const [code] = await once(child, 'close');
    signal.throwIfAborted();
    if (code !== 0) throw new LoadlineError('page-failed', failure(written));
    // Whatever was changed meanwhile is newer.
    await utimes(join(unfinished, 'index.html'), began, began);
    await rm(join(root, BUILT_PAGE), { recursive: true, force: true });
    await rename(unfinished, join(root, BUILT_PAGE));
  } finally {
    signal.removeEventListener('abort', interrupt);
    await rm(unfinished, { recursive: true, force: true });
  }
}

function failure(written: string): string {
  const advice = 'repair dashboard/page, or start without it: ./loadline up --no-dashboard';
  // Where in Vite it happened is of no use.
  const lines = written.split('\n').filter(line => line.trim() !== '' && !/^\s+at /.test(line));
  return `The page of the dashboard could not be built; ${advice}. What Vite wrote:\n${lines.slice(0, LINES_SHOWN).join('\n')}`;
}
