import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LoadlineError } from '../../model/errors.ts';
import { openRunFolder } from '../run/run-folder.ts';
import type { Runtime } from '../run/runtime.ts';
import { type Lock, tryLock } from '../runtimes/lock.ts';

/** What every command is given. */
export interface CommandContext {
  /** The checkout that Loadline runs from. */
  readonly root: string;
  /** Aborted by Ctrl-C and SIGTERM: the command then stops what it started and throws the signal's reason. */
  readonly signal: AbortSignal;
  /** Writes a line for a person to stderr. */
  readonly say: (line: string) => void;
  /** Writes the answer to stdout. */
  readonly print: (text: string) => void;
}

/** The folder and the trials file of a run that exists. */
interface FoundRun {
  readonly folder: string;
  readonly trials: string;
}

/** Finds a run by its folder, its trials file, or its name in `runs/`, such as `latest`. */
export function findRun(named: string, root: string): FoundRun {
  if (named === 'latest') {
    // The newest run, as for --resume, whether or not it ended.
    const { path, trials } = openRunFolder(join(root, 'runs'), named);
    return { folder: path, trials };
  }
  for (const path of [named, join(root, 'runs', named)]) {
    if (!existsSync(path)) continue;
    if (statSync(path).isFile()) return { folder: dirname(path), trials: path };
    const trials = join(path, 'trials.jsonl');
    if (existsSync(trials)) return { folder: path, trials };
  }
  throw new LoadlineError(
    'results-unreadable',
    `There is no run ${named}. Give its folder, its trials.jsonl, or its name in ${join(root, 'runs')}, such as latest.`,
  );
}

/** Locks the checkout for measuring, since two measurements would disturb each other; simulations do not. */
export async function lockMeasuring(root: string, runtime: Runtime['name']): Promise<Lock> {
  if (runtime === 'simulated') return nothingLocked;
  const lock = await tryLock(`measuring ${realpathSync(root)}`);
  if (lock !== undefined) return lock;
  throw new LoadlineError(
    'measurement-running',
    'Another command of this checkout is measuring, and both would disturb each other. Wait for it or interrupt it.',
  );
}

/** Locks the folder of a run while it is written. */
export async function lockRun(path: string): Promise<Lock> {
  const lock = await tryLock(`run ${realpathSync(path)}`);
  if (lock !== undefined) return lock;
  throw new LoadlineError('run-in-use', `Another command is writing ${path}. Wait for it or interrupt it.`);
}

const release = async (): Promise<void> => undefined;
const nothingLocked: Lock = { release, [Symbol.asyncDispose]: release };
