import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LoadlineError } from '../../model/errors.ts';
import { closestWord } from '../experiment/closest-word.ts';

/** The folder of one run: `runs/<date>T<time>-<experiment>/`. */
export interface RunFolder {
  readonly path: string;
  /** What was asked for, before anything was measured. */
  readonly asked: string;
  /** Where its trials go. */
  readonly trials: string;
  /** Writes a file that is made from the trials, and points `latest` here, unless a run that was begun later has one. */
  write(name: string, text: string): void;
  /** A run that ended before anything was measured leaves no folder behind; says whether this is one. */
  removeIfEmpty(): boolean;
}

/** Makes the folder of a run that begins at `begin`, in the folder `runs`; `latest` there points to the newest with results. */
export function createRunFolder(runs: string, experiment: string, begin: Date): RunFolder {
  const stamp = begin.toISOString().slice(0, 19).replaceAll(':', '');
  return runFolder(makeFolder(runs, `${stamp}-${experiment}`));
}

/** The folder of a run that is there: its path, its name in `runs`, or `latest` for the one that was begun last. */
export function openRunFolder(runs: string, named: string): RunFolder {
  const names = runsIn(runs);
  const newest = names.at(-1);
  if (named === 'latest' && newest !== undefined) return runFolder(join(runs, newest));
  for (const path of [named, join(runs, named)]) if (isRun(path)) return runFolder(realpathSync(path));
  const meant = closestWord(named, names);
  throw new LoadlineError(
    'results-unreadable',
    `There is no run ${named}${meant === undefined ? '' : `; did you mean ${meant}?`}: ` +
      `give a folder of a run, or the name of one in ${runs}${names.length === 0 ? ', where there is none' : ''}.`,
  );
}

/** The names of the runs in a folder, the one that was begun last at the end. */
function runsIn(runs: string): string[] {
  const names = existsSync(runs) ? readdirSync(runs) : [];
  return names.filter(name => name !== 'latest' && isRun(join(runs, name))).sort();
}

const ASKED = 'experiment.json';
const TRIALS = 'trials.jsonl';

function isRun(path: string): boolean {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder && [ASKED, TRIALS].some(name => existsSync(join(path, name)));
}

function runFolder(path: string): RunFolder {
  return {
    path,
    asked: join(path, ASKED),
    trials: join(path, TRIALS),
    write(name, text) {
      // A reader never sees half a file.
      writeFileSync(join(path, `.${name}`), text);
      renameSync(join(path, `.${name}`), join(path, name));
      pointTo(dirname(path), basename(path));
    },
    removeIfEmpty() {
      if (readdirSync(path).some(name => name !== ASKED)) return false;
      rmSync(join(path, ASKED), { force: true });
      rmdirSync(path);
      return true;
    },
  };
}

/** Two runs of the same second get folders of their own. */
function makeFolder(runs: string, name: string): string {
  try {
    makeWithParents(runs);
    for (let copy = 1; ; copy++) {
      const path = join(runs, copy === 1 ? name : `${name}-${copy}`);
      try {
        mkdirSync(path);
        return path;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
    }
  } catch (cause) {
    throw new LoadlineError('folder-unwritable', `Results go to ${runs}, which cannot be written: ${String(cause)}`, {
      cause,
    });
  }
}

/** Node's own way to make parents spins for ever where none can be made, as in /proc. */
function makeWithParents(folder: string): void {
  if (existsSync(folder)) return;
  makeWithParents(dirname(folder));
  mkdirSync(folder);
}

/** Points `latest` to a run, unless it points to one that was begun later. */
function pointTo(runs: string, name: string): void {
  const latest = join(runs, 'latest');
  if (existsSync(latest) && readlinkSync(latest) > name) return;
  const link = join(runs, `.latest-${process.pid}`);
  rmSync(link, { force: true });
  symlinkSync(name, link);
  renameSync(link, latest);
}
