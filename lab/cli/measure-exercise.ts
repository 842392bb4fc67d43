import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoadlineError } from '../../model/errors.ts';
import { calibrationSummary } from '../calibration/calibration-text.ts';
import type { Agreement, Exercise, StackMeasurement } from '../exercises/exercise.ts';
import { exercises } from '../exercises/exercises.ts';
import type { TrialFacts } from '../exercises/trial-facts.ts';
import { runExperiment } from '../run/run-experiment.ts';
import { createRunFolder, writeAsked } from '../run/run-folder.ts';
import { type CommandContext, lockMeasuring, lockRun } from './context.ts';
import { ProgressView } from './progress.ts';
import { prepareRun, type RequestedRun } from './requested-run.ts';

/** What `--measure` is told. */
interface MeasureOptions {
  readonly runtime?: string;
  readonly json?: boolean;
}

/** Measures what an exercise asks, as `compare` measures, and holds it against what was computed. */
export async function measureExercise(
  { number, name, measurement }: Exercise,
  facts: TrialFacts,
  options: MeasureOptions,
  context: CommandContext,
): Promise<void> {
  if ('nothing' in measurement) {
    const others = exercises.filter(other => !('nothing' in other.measurement)).map(other => other.number);
    const { nothing } = measurement;
    context.print(
      options.json ? JSON.stringify({ schema: 1, number, nothing }) : `There is nothing to measure: ${nothing}`,
    );
    context.say(`These can be measured: ${others.join(', ')}.`);
    return;
  }
  context.say(`Measured is ${measurement.what}: about ${measurement.lasts} s, and the start of the stack.`);
  const run = await prepareExerciseRun(`exercise-${number}`, measurement, facts, { options, context });
  const { experiment, runtime, service, calibration } = run;
  const isLike = runtime.availableCpus === facts.cpus;
  if (measurement.isOfMachine && !isLike) {
    context.say(
      `The figures are of a machine with ${facts.cpus} CPUs, and here are ${runtime.availableCpus}: it may well come out otherwise.`,
    );
  }
  await using _measuring = await lockMeasuring(context.root, runtime.name);
  // Apart from the runs that `latest` may mean: this one answers a single question.
  const folder = createRunFolder(join(context.root, 'runs', 'exercises'), name, new Date());
  await using _writing = await lockRun(folder.path);
  writeAsked(folder, { experiment, runtime: runtime.name, ...(service && { service }) });
  const view = new ProgressView(experiment);
  let agreement: Agreement;
  try {
    const { results } = await runExperiment(experiment, runtime, folder.trials, {
      signal: context.signal,
      events: view,
      ...(calibration && { calibration: calibrationSummary(calibration) }),
    });
    agreement = measurement.read(results, facts);
  } finally {
    view.clear();
    if (!folder.removeIfEmpty()) context.say(`Everything measured is in ${folder.path}`);
  }
  const { sentences, agrees } = agreement;
  if (options.json) {
    const { what } = measurement;
    context.print(
      JSON.stringify({
        schema: 1,
        number,
        measured: what,
        runtime: runtime.name,
        agrees,
        sentences,
        folder: folder.path,
      }),
    );
  } else for (const sentence of sentences) context.print(sentence);
  const medium = runtime.name === 'simulated' ? 'simulation' : 'stack';
  if (!agrees) throw disagreement(medium, isLike || !measurement.isOfMachine);
  if (!options.json) context.print(`The ${medium} agrees with the model.`);
}

function disagreement(medium: 'simulation' | 'stack', isLike: boolean): LoadlineError {
  let why = 'The figures are of another machine: make them of a run of this one, node bench/exercise-trials.ts RUN.';
  if (medium === 'simulation') {
    why = 'It counts more than the model does, CPUs above all; what holds is found out with --runtime local.';
  } else if (isLike) {
    why =
      'See what else the machine does (./loadline check) and try again; if it stays so, an assumption of the model does not hold here.';
  }
  return new LoadlineError('exercise-disagrees', `The ${medium} does not agree with the model. ${why}`);
}

/** The experiment goes the way of any file: it is parsed, and with it checked. What is simulated is the measured machine. */
async function prepareExerciseRun(
  name: string,
  { experiment, lasts }: StackMeasurement,
  facts: TrialFacts,
  { options: { runtime }, context }: { options: MeasureOptions; context: CommandContext },
): Promise<RequestedRun> {
  const folder = mkdtempSync(join(tmpdir(), 'loadline-exercise-'));
  try {
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, JSON.stringify({ name, capacity: false, budget: 60 + 4 * lasts, ...experiment(facts) }));
    const simulated = { cpus: String(facts.cpus), service: facts.fitted.service };
    const options = { ...(runtime !== undefined && { runtime }), ...(runtime === 'simulated' && simulated) };
    return await prepareRun(file, options, context);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
