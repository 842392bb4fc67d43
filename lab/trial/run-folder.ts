import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LoadlineError } from '../../errors/loadline-error.ts';

/** The folder of one run: `runs/<date>T<time>-<experiment>/`. */
export interface RunFolder {
  readonly path: string;
  /** Where its trials go. */
  readonly trials: string;
  write(name: string, text: string): void;
  /** A run that ended before anything was measured leaves no folder behind; says whether this is one. */
  removeIfEmpty(): boolean;
}

/** Makes the folder of a run that begins at `begin`, in the folder `runs`; `latest` there points to the newest with results. */
export function createRunFolder(runs: string, experiment: string, begin: Date): RunFolder {
  const stamp = begin.toISOString().slice(0, 19).replaceAll(':', '');
  const path = makeFolder(runs, `${stamp}-${experiment}`);
  return {
    path,
    trials: join(path, 'trials.jsonl'),
    write(name, text) {
      // A reader never sees half a file.
      writeFileSync(join(path, `.${name}`), text);
      renameSync(join(path, `.${name}`), join(path, name));
      pointTo(runs, basename(path));
    },
    removeIfEmpty() {
      if (readdirSync(path).length > 0) return false;
      rmdirSync(path);
      return true;
    },
  };
}

/** Two runs of the same second get folders of their own. */
function makeFolder(runs: string, name: string): string {
  try {
    mkdirSync(runs, { recursive: true });
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

function pointTo(runs: string, name: string): void {
  const link = join(runs, `.latest-${process.pid}`);
  rmSync(link, { force: true });
  symlinkSync(name, link);
  renameSync(link, join(runs, 'latest'));
}
