import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
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
import { z } from 'zod';
import { LoadlineError } from '../../model/errors.ts';
import type { Experiment } from '../../model/experiment.ts';
import { closestWord } from '../experiment/closest-word.ts';
import type { FittedModel } from '../plan/fitted-model.ts';
import type { ModelScore } from '../plan/score.ts';
import type { ServiceModel } from '../simulation/service-model.ts';
import type { Runtime } from './runtime.ts';
import { jsonText, readHeader, readTrials, SCHEMA, type TrialsRecord } from './trials-file.ts';
import { askedFile } from './trials-schema.ts';

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

/** Writes a file in place of what there is: a reader never sees half of it. `what`: how it is called where it cannot be. */
export function writeWhole(path: string, text: string, what = 'A file'): void {
  try {
    writeFileSync(`${path}.part`, text);
    renameSync(`${path}.part`, path);
  } catch (cause) {
    throw new LoadlineError('folder-unwritable', `${what} goes to ${path}, which cannot be written: ${cause}`, {
      cause,
    });
  }
}

/** What a run is asked to do, and what it has done of it. */
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
  const text = jsonText({ schema: SCHEMA, experiment, runtime, ...(service && { service }) });
  writeFileSync(`${asked}.new`, `${text}\n`);
  renameSync(`${asked}.new`, asked);
}

/** What a run that is to be resumed was asked, and what it has done; a header that was cut in half is removed. */
export function readAskedRun({ path, asked, trials }: RunFolder): AskedRun {
  if (hasHeader(trials)) {
    const before = readTrials(trials);
    return { experiment: before.experiment, runtime: before.runtime, before };
  }
  rmSync(trials, { force: true });
  if (existsSync(asked)) {
    const text = readFileSync(asked, 'utf8');
    return readHeader<AskedRun>(text, askedFile, asked);
  }
  throw new LoadlineError(
    'results-unreadable',
    `${path} says neither what was measured nor what was to be: there is nothing to resume, measure anew.`,
  );
}

function hasHeader(trials: string): boolean {
  return existsSync(trials) && readFileSync(trials).includes('\n');
}

const FILE = 'score.json';
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

/** `bytes`: of the trials file when it was scored: a run that went on has to be scored anew. */
const scoreFile = z.object({ schema: z.literal(1), bytes: z.number(), score });
const modelFile = z.object({ measured: z.object({ trials: z.number() }), score });

/**
 * The score that was kept beside a run's trials, so many bytes long, or that its report found; `undefined` where there is
 * none of these trials.
 */
export function readScore(folder: string, bytes: number, trials: number): ModelScore | undefined {
  const kept = scoreFile.safeParse(jsonIn(join(folder, FILE))).data;
  if (kept?.bytes === bytes) return kept.score;
  const model = modelFile.safeParse(jsonIn(join(folder, MODEL))).data;
  return model?.measured.trials === trials ? model.score : undefined;
}

/** It can be made again at any time: one that is missing, or cut in half, is none. */
function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Keeps the score of a run beside its trials, and in the model that the dashboard plans with. */
export function writeScore(folder: string, bytes: number, model: FittedModel & { readonly score: ModelScore }): void {
  writeWhole(join(folder, FILE), `${JSON.stringify({ schema: 1, bytes, score: model.score })}\n`, 'The score');
  writeWhole(join(folder, MODEL), `${JSON.stringify(model, null, 2)}\n`, 'The model');
}
