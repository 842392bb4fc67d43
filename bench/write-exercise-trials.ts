import { renameSync, rmSync } from 'node:fs';
import { exercises } from '../lab/exercises/exercises.ts';
import { TrialFacts } from '../lab/exercises/trial-facts.ts';
import { readTrials, TrialsFile } from '../lab/run/trials-file.ts';
import type { Histogram } from '../model/histogram.ts';
import type { Measurement, TrialResult } from '../model/measurement.ts';

/** What was kept of a run, and the answers that it gives, by the numbers of the exercises. */
interface Written {
  readonly kept: number;
  readonly of: number;
  readonly answers: ReadonlyMap<number, number>;
}

/**
 * Makes the file of the exercises of a run's: written beside it and put in its place only when every exercise has its
 * question, its answer and its measurement of it; otherwise an error says what the run lacks, and the file is as it was.
 */
export function writeExerciseTrials(run: string, path: string): Written {
  const { experiment, runtime, environment, results } = readTrials(run);
  const kept = results.flatMap(result => (result.state === 'completed' ? [thinned(result)] : []));
  const leftOut = `${results.length - kept.length} trials that came to nothing`;
  const beside = `${path}.new`;
  rmSync(beside, { force: true });
  try {
    {
      using file = TrialsFile.create(beside, { experiment, runtime, environment: { ...environment, leftOut } });
      for (const result of kept) file.append(result);
    }
    TrialsFile.end(beside);
    const answers = listAnswers(new TrialFacts(readTrials(beside)));
    renameSync(beside, path);
    return { kept: kept.length, of: results.length, answers };
  } finally {
    rmSync(beside, { force: true });
  }
}

function listAnswers(facts: TrialFacts): Map<number, number> {
  return new Map(
    exercises.map(({ number, asked, answer, measurement }) => {
      asked(facts);
      if (!('nothing' in measurement)) measurement.experiment(facts);
      return [number, answer(facts).value];
    }),
  );
}

/** Of the moments at which requests in progress were counted so many stay. */
const MOMENTS = 20;
/** More digits than anything is measured to. */
const DIGITS = 6;

function thinned(result: Extract<TrialResult, { state: 'completed' }>): TrialResult {
  const { trial, measurement } = result;
  const { inProgress, responseTimeFromSend, scheduleLag } = measurement;
  const step = Math.max(1, (inProgress.length - 1) / (MOMENTS - 1));
  // The first and the last moment stay, and some evenly between them.
  const moments = new Set(Array.from({ length: MOMENTS }, (_, index) => Math.round(index * step)));
  const few: Measurement = {
    ...measurement,
    inProgress: inProgress.filter((_, index) => moments.has(index)),
    // Of a light look the service time is taken from it.
    responseTimeFromSend: trial.purpose === 'light' ? responseTimeFromSend : withoutCounts(responseTimeFromSend),
    scheduleLag: withoutCounts(scheduleLag),
    others: [],
  };
  return { ...result, measurement: withFewDigits(few) };
}

/** How many there were, their mean and the longest, but not how they were spread. */
function withoutCounts(histogram: Histogram): Histogram {
  return { ...histogram, counts: {} };
}

function withFewDigits<T>(value: T): T {
  if (typeof value === 'number') return (Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS))) as T;
  if (Array.isArray(value)) return value.map(withFewDigits) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withFewDigits(one)])) as T;
}
