import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { LoadlineError } from '../../model/errors.ts';
import type { Experiment } from '../../model/experiment.ts';
import { closestWord } from '../experiment/problems.ts';
import type { FittedModel, ModelScore } from '../plan/fitted-model.ts';
import type { ServiceModel } from '../simulation/service-model.ts';
import type { Runtime } from './runtime.ts';
import { jsonText, readHeader, readTrials, SCHEMA, type TrialsRecord } from './trials-file.ts';
import { askedFile } from './trials-schema.ts';

/** The folder of one run: `runs/<date>T<time>-<experiment>/`. */
export interface RunFolder {
  readonly path: string;
  /** The file that says what was asked for, before anything was measured. */
  readonly asked: string;
  /** The trials file. */
  readonly trials: string;
  /** Writes a file that is made from the trials, and points `latest` here, unless a newer run has a file. */
  write(name: string, text: string): void;
  /** Removes the folder if nothing was measured; returns whether it did. */
  removeIfEmpty(): boolean;
}

/** Makes the folder of a run that begins at `begin`, in the folder `runs`; `latest` there points to the newest with results. */
export function createRunFolder(runs: string, experiment: string, begin: Date): RunFolder {
  const stamp = begin.toISOString().slice(0, 19).replaceAll(':', '');
  return runFolder(makeFolder(runs, `${stamp}-${experiment}`));
}

/** Opens the folder of a run: by its path, its name in `runs`, or `latest` for the one that was begun last. */
export function openRunFolder(runs: string, named: string): RunFolder {
  const entries = existsSync(runs) ? readdirSync(runs) : [];
  const names = entries.filter(name => name !== 'latest' && isRun(join(runs, name))).sort();
  const newest = names.at(-1);
  if (named === 'latest' && newest !== undefined) return runFolder(join(runs, newest));
  for (const path of [named, join(runs, named)]) if (isRun(path)) return runFolder(realpathSync(path));
  const isFile = statSync(named, { throwIfNoEntry: false })?.isFile() ?? false;
  const meant = closestWord(named, names);
  const found = isFile ? `${named} is a file` : `There is no run ${named}`;
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  throw new LoadlineError(
    'results-unreadable',
    `${found}${hint}: give the folder of a run, or the name of one in ${runs}${newest === undefined ? ', where there is none' : ''}.`,
  );
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
      replaceFile(join(path, name), text);
      pointTo(dirname(path), basename(path));
    },
    removeIfEmpty() {
      if (readdirSync(path).some(name => name !== ASKED)) return false;
      rmSync(path, { recursive: true });
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
    const message = `Results go to ${runs}, which cannot be written: ${String(cause)}`;
    throw new LoadlineError('folder-unwritable', message, { cause });
  }
}

/** Node's own way to make parents never ends where none can be made, as in /proc. */
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

/** Writes a file as a whole: a reader never sees half of it. */
function replaceFile(path: string, text: string): void {
  const part = join(dirname(path), `.${basename(path)}`);
  writeFileSync(part, text);
  renameSync(part, path);
}

/** Writes a file as a whole; `what` names it if it cannot be written. */
export function writeWhole(path: string, text: string, what = 'A file'): void {
  try {
    replaceFile(path, text);
  } catch (cause) {
    const message = `${what} goes to ${path}, which cannot be written: ${cause}`;
    throw new LoadlineError('folder-unwritable', message, { cause });
  }
}

/** What a run was asked to do, and what it has done of it. */
export interface AskedRun {
  readonly experiment: Experiment;
  readonly runtime: Runtime['name'];
  /** What a simulation simulates; absent: it measures. */
  readonly service?: ServiceModel;
  /** Absent: it ended before its first trial began. */
  readonly before?: TrialsRecord;
}

/** Notes what is asked for, so that a run can be resumed that is killed before its trials file has a header. */
export function writeAsked({ asked }: RunFolder, { experiment, runtime, service }: AskedRun): void {
  replaceFile(asked, `${jsonText({ schema: SCHEMA, experiment, runtime, ...(service && { service }) })}\n`);
}

/** Reads what a run was asked, and what it has done; removes a header that was cut in half. */
export function readAskedRun({ path, asked, trials }: RunFolder): AskedRun {
  if (existsSync(trials) && readFileSync(trials).includes('\n')) {
    const before = readTrials(trials);
    return { experiment: before.experiment, runtime: before.runtime, before };
  }
  rmSync(trials, { force: true });
  if (existsSync(asked)) return readHeader<AskedRun>(readFileSync(asked, 'utf8'), askedFile, asked);
  throw new LoadlineError('results-unreadable', `${path} holds nothing to resume: start a new run.`);
}

const SCORE = 'score.json';
const MODEL = 'model.json';

const errors = z.object({ median: z.number(), most: z.number() });
const score = z.object({
  by: z.enum(['held out', 'one by one']),
  figures: z.array(
    z.object({
      figure: z.enum(['capacity', 'p99', 'throughput of users']),
      predictions: z.number(),
      plain: errors,
      beyond: errors,
    }),
  ),
  fittedTo: z.array(z.string()),
  predicted: z.array(z.string()),
});

/** `bytes`: length of the trials file when it was scored; a run that went on has to be scored again. */
const scoreFile = z.object({ schema: z.literal(1), bytes: z.number(), score });
const modelFile = z.object({ measured: z.object({ trials: z.number() }), score });

/** Reads the score of a run whose trials file has so many bytes, kept by itself or in its model; `undefined`: none. */
export function readScore(folder: string, bytes: number, trials: number): ModelScore | undefined {
  const kept = scoreFile.safeParse(jsonIn(join(folder, SCORE))).data;
  if (kept?.bytes === bytes) return kept.score;
  const model = modelFile.safeParse(jsonIn(join(folder, MODEL))).data;
  return model?.measured.trials === trials ? model.score : undefined;
}

/** A score can be made again at any time: a file that is missing or damaged is none. */
function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Writes the score of a run next to its trials, and into the model that the dashboard plans with. */
export function writeScore(folder: string, bytes: number, model: FittedModel & { readonly score: ModelScore }): void {
  writeWhole(join(folder, SCORE), `${JSON.stringify({ schema: 1, bytes, score: model.score })}\n`, 'The score');
  writeWhole(join(folder, MODEL), `${JSON.stringify(model, null, 2)}\n`, 'The model');
}
