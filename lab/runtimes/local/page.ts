import { globSync, statSync } from 'node:fs';
import { rename, rm, utimes } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LoadlineError } from '../../../model/errors.ts';
import { inheritedEnvironment, runChild } from '../child-process.ts';
import { tryLock } from '../lock.ts';
import type { K6Search } from './k6.ts';

/** Where the built page lies in the checkout. */
export const BUILT_PAGE = 'dashboard/page/dist';

/** What the page may import. */
const sources = [
  'dashboard/page/**/*',
  'dashboard/*.ts',
  'model/**/*.{ts,json}',
  'lab/{claims,compare,experiment,explain,plan,queueing,report/plan,search,simulation,view}/**/*.ts',
  'package-lock.json',
];
const LOOK_EVERY_MS = 100;
const LINES_SHOWN = 12;

/** Builds the page of the dashboard into `dashboard/page/dist`, where it is missing or older than its sources. */
export async function buildPage(options: K6Search): Promise<void> {
  while (!isFresh(options.root)) {
    await using lock = await tryLock(`page ${options.root}`);
    if (lock !== undefined) {
      // Another command may have built it just before.
      if (!isFresh(options.root)) await build(options);
      return;
    }
    await pause(LOOK_EVERY_MS, undefined, { signal: options.signal });
  }
}

function isFresh(root: string): boolean {
  const modifiedAt = (path: string) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs;
  const since = modifiedAt(join(BUILT_PAGE, 'index.html'));
  if (since === undefined) return false;
  const paths = globSync(sources, { cwd: root }).filter(path => !path.startsWith(BUILT_PAGE));
  return paths.every(path => (modifiedAt(path) ?? 0) <= since);
}

async function build({ root, signal, say }: K6Search): Promise<void> {
  say('building the page of the dashboard, which is missing or older than its sources');
  const began = new Date();
  const unfinished = join(root, '.loadline', `page-${process.pid}`);
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js');
  try {
    const { code, stdout, stderr } = await runChild(
      process.execPath,
      [vite, 'build', '--logLevel', 'warn', '--outDir', unfinished],
      { cwd: join(root, 'dashboard/page'), env: inheritedEnvironment(), signal },
    );
    if (code !== 0) throw new LoadlineError('page-failed', describeFailure(`${stdout}${stderr}`));
    // A source that was changed meanwhile is newer.
    await utimes(join(unfinished, 'index.html'), began, began);
    await rm(join(root, BUILT_PAGE), { recursive: true, force: true });
    await rename(unfinished, join(root, BUILT_PAGE));
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

function describeFailure(written: string): string {
  const advice = 'repair dashboard/page, or start without it: ./loadline up --no-dashboard';
  // Without the stack of Vite.
  const lines = written.split('\n').filter(line => line.trim() !== '' && !/^\s+at /.test(line));
  return `The page of the dashboard could not be built; ${advice}. What Vite wrote:\n${lines.slice(0, LINES_SHOWN).join('\n')}`;
}
