import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Exercise, StackMeasurement } from '../exercises/exercise.ts';
import { exercises } from '../exercises/list.ts';
import type { TrialFacts } from '../exercises/trial-facts.ts';
import { writeAsked } from '../trial/asked-run.ts';
import { runExperiment } from '../trial/run-experiment.ts';
import { createRunFolder } from '../trial/run-folder.ts';
import { newRun, type RunToMake } from './asked-for.ts';
import type { CommandContext } from './context.ts';
import { lockMeasuring, lockRun } from './measuring-lock.ts';
import { ProgressView } from './progress.ts';

/** Measures what an exercise asks, as `compare` measures, and holds it against what was computed. */
export async function measureExercise(
  { number, name, measurement }: Exercise,
  facts: TrialFacts,
  { runtime }: { runtime?: string },
  context: CommandContext,
): Promise<void> {
  if ('nothing' in measurement) {
    const others = exercises.filter(other => !('nothing' in other.measurement)).map(other => other.number);
    context.print(`There is nothing to measure: ${measurement.nothing}`);
    context.say(`These can be measured: ${others.join(', ')}.`);
    return;
  }
  context.say(`Measured is ${measurement.what}: about ${measurement.lasts} s, and the start of the stack.`);
  const run = await runOf(`exercise-${number}`, measurement, facts, { runtime, context });
  await using _measuring = await lockMeasuring(context.root, run.runtime.name);
  // Apart from the runs that `latest` may mean: this one answers a single question.
  const folder = createRunFolder(join(context.root, 'runs', 'exercises'), name, new Date());
  await using _writing = await lockRun(folder.path);
  writeAsked(folder, { experiment: run.experiment, runtime: run.runtime.name });
  const view = new ProgressView(run.experiment);
  try {
    const { results } = await runExperiment(run.experiment, run.runtime, folder.trials, {
      signal: context.signal,
      events: view,
    });
    const { sentences, agrees } = measurement.read(results, facts);
    for (const sentence of sentences) context.print(sentence);
    context.print(verdictOf(agrees, run.runtime.name));
  } finally {
    view.clear();
    if (!folder.removeIfEmpty()) context.say(`Everything measured is in ${folder.path}`);
  }
}

function verdictOf(agrees: boolean, runtime: RunToMake['runtime']['name']): string {
  const what = runtime === 'simulated' ? 'simulation' : 'stack';
  if (agrees) return `The ${what} agrees with the model.`;
  const why =
    runtime === 'simulated'
      ? 'It supposes another machine than the one that the figures are of: measure with --runtime local.'
      : 'See what else the machine does (./loadline check) and try again; if it stays so, an assumption of the model does not hold here.';
  return `The ${what} does not agree with the model. ${why}`;
}

/** The experiment goes the way of any file: it is parsed, and with it checked. */
async function runOf(
  name: string,
  { experiment, lasts }: StackMeasurement,
  facts: TrialFacts,
  { runtime, context }: { runtime: string | undefined; context: CommandContext },
): Promise<RunToMake> {
  const folder = mkdtempSync(join(tmpdir(), 'loadline-exercise-'));
  try {
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, JSON.stringify({ name, capacity: false, budget: 60 + 4 * lasts, ...experiment(facts) }));
    return await newRun(file, runtime === undefined ? {} : { runtime }, context);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
