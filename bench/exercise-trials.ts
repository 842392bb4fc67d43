/**
 * The trials that the exercises take their figures from, docs/exercises/trials.jsonl, made of a run:
 * `node bench/exercise-trials.ts RUN`, where RUN is a folder, a trials.jsonl, or a name in runs/. What nobody reads of it
 * is left out: trials that came to nothing, what other deployments did, how schedule lags were spread, most of the
 * moments at which requests in progress were counted, and digits beyond the sixth. The file is replaced only when all
 * twelve have an answer by it. Then make the pages again: `node lab/exercises/pages.test.ts --update`.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { findRun } from '../lab/cli/context.ts';
import { inUnit } from '../lab/exercises/answer.ts';
import { exercises } from '../lab/exercises/exercises.ts';
import { LoadlineError } from '../model/errors.ts';
import { writeExerciseTrials } from './write-exercise-trials.ts';

const root = join(import.meta.dirname, '..');
const path = join(root, 'docs', 'exercises', 'trials.jsonl');

try {
  const { kept, of, answers } = writeExerciseTrials(findRun(process.argv[2] ?? 'latest', root).trials, path);
  for (const { number, title, unit } of exercises) {
    process.stdout.write(
      `${String(number).padStart(2)}  ${title}: ${inUnit(answers.get(number) ?? Number.NaN, unit)}\n`,
    );
  }
  const size = Math.round(statSync(path).size / 1000);
  process.stdout.write(`${kept} of ${of} trials, ${size} kB in ${path}\n`);
} catch (error) {
  if (!(error instanceof LoadlineError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
