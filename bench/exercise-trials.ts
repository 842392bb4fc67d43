/**
 * The trials that the exercises take their figures from, docs/exercises/trials.jsonl, made of a run:
 * `node bench/exercise-trials.ts RUN`, where RUN is a folder, a trials.jsonl, or a name in runs/. What nobody reads of it
 * is left out: trials that came to nothing, what other deployments did, most of the moments at which requests in
 * progress were counted. Then make the pages again: `node lab/exercises/pages.test.ts --update`.
 */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findRun } from '../lab/cli/find-run.ts';
import { exercises } from '../lab/exercises/list.ts';
import { inUnit } from '../lab/exercises/quantity.ts';
import { TrialFacts } from '../lab/exercises/trial-facts.ts';
import type { Measurement, TrialResult } from '../lab/experiment/trial-result.ts';
import { readTrials, TrialsFile } from '../lab/trial/trials-file.ts';

const MOMENTS = 20;
const root = join(import.meta.dirname, '..');
const path = join(root, 'docs', 'exercises', 'trials.jsonl');

const { experiment, runtime, environment, results } = readTrials(findRun(process.argv[2] ?? 'latest', root).trials);
const kept = results.flatMap(result => (result.state === 'completed' ? [thinned(result)] : []));
rmSync(path, { force: true });
const leftOut = `${results.length - kept.length} trials that came to nothing`;
{
  using file = TrialsFile.create(path, { experiment, runtime, environment: { ...environment, leftOut } });
  for (const result of kept) file.append(result);
}
TrialsFile.end(path);

const facts = new TrialFacts(readTrials(path));
for (const { number, title, unit, answer } of exercises) {
  process.stdout.write(`${String(number).padStart(2)}  ${title}: ${inUnit(answer(facts).value, unit)}\n`);
}
process.stdout.write(
  `${kept.length} of ${results.length} trials, ${Math.round(statSync(path).size / 1000)} kB in ${path}\n`,
);

function thinned(result: Extract<TrialResult, { state: 'completed' }>): TrialResult {
  const { measurement } = result;
  const { inProgress } = measurement;
  const step = Math.max(1, (inProgress.length - 1) / (MOMENTS - 1));
  // The first and the last moment stay, and some evenly between them.
  const moments = new Set(Array.from({ length: MOMENTS }, (_, index) => Math.round(index * step)));
  const few: Measurement = {
    ...measurement,
    inProgress: inProgress.filter((_, index) => moments.has(index)),
    others: [],
  };
  return { ...result, measurement: few };
}
