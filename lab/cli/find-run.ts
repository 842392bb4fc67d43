import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LoadlineError } from '../../model/errors.ts';
import { openRunFolder } from '../run/run-folder.ts';

/** A run that is there. */
export interface FoundRun {
  readonly folder: string;
  /** Its trials file. */
  readonly trials: string;
}

/** The run that somebody names: a folder, its trials file, or a name in `runs/`, such as `latest`. */
export function findRun(named: string, root: string): FoundRun {
  if (named === 'latest') {
    // The one that was begun last, as for `--resume`, whether or not it came to its end.
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
    `There is no run ${named}: give its folder, its trials.jsonl, or its name in ${join(root, 'runs')}, such as latest.`,
  );
}
