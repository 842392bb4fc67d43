import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readTrials, TrialsFile } from '../lab/run/trials-file.ts';
import type { TrialResult } from '../model/measurement.ts';
import { isConcurrencyLimited } from '../model/topology.ts';
import { writeExerciseTrials } from './write-exercise-trials.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadline-exercise-trials-'));
after(() => rmSync(folder, { recursive: true }));
const shipped = readTrials(join(import.meta.dirname, '../docs/exercises/trials.jsonl'));

/** The run that the exercises are of, without some of its results. */
function runWithout(name: string, isLeftOut: (result: TrialResult) => boolean): string {
  const { experiment, runtime, environment, results } = shipped;
  const path = join(folder, `${name}.jsonl`);
  using file = TrialsFile.create(path, { experiment, runtime, environment });
  for (const result of results) if (!isLeftOut(result)) file.append(result);
  return path;
}

const isOn = (blocking: boolean, result: TrialResult): boolean =>
  isConcurrencyLimited(result.trial.cell.deployment.spec) === blocking;

for (const [what, isLeftOut, lacks] of [
  ['event loops', result => isOn(false, result), /^The exercises need .* async or hybrid/],
  ['blocking processes', result => isOn(true, result), /^The exercises need .* sync/],
  ['anything', () => true, /^The exercises need /],
] as [string, (result: TrialResult) => boolean, RegExp][]) {
  test(`a run without ${what} is refused with what it lacks, and the file is as it was`, () => {
    const path = join(folder, `kept-without-${what}.jsonl`);
    writeFileSync(path, 'as it was');
    const run = runWithout(what, isLeftOut);
    assert.throws(() => writeExerciseTrials(run, path), { code: 'results-unreadable', message: lacks });
    assert.equal(readFileSync(path, 'utf8'), 'as it was');
    assert.deepEqual(
      readdirSync(folder).filter(name => name.endsWith('.new')),
      [],
    );
  });
}

test('a run that has everything takes the place of the file, with an answer to every exercise', () => {
  const path = join(folder, 'kept.jsonl');
  writeFileSync(path, 'as it was');
  const run = runWithout('nothing', () => false);
  const { kept, of, answers } = writeExerciseTrials(run, path);
  assert.deepEqual([kept, of], [shipped.results.length, shipped.results.length]);
  assert.deepEqual(
    [...answers.keys()],
    Array.from({ length: 12 }, (_, index) => index + 1),
  );
  const { results, ended } = readTrials(path);
  assert.deepEqual(
    results.map(({ trial }) => trial),
    shipped.results.map(({ trial }) => trial),
  );
  assert.equal(ended, true);
  // There is nothing more to leave out.
  const again = join(folder, 'again.jsonl');
  writeExerciseTrials(path, again);
  assert.equal(readFileSync(again, 'utf8'), readFileSync(path, 'utf8'));
});
