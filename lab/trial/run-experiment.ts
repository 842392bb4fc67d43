import { LoadlineError } from '../../model/errors.ts';
import type { Experiment, Trial } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Seconds } from '../../model/quantities.ts';
import { nextBlock } from '../analysis/next-block.ts';
import { cellInUnits, measureCpuUnit } from './cpu-units.ts';
import { runTrial } from './run-trial.ts';
import type { Runtime, Stack, TrialProgress } from './runtime.ts';
import { changesSince } from './same-machine.ts';
import { Stacks } from './stacks.ts';
import { TrialsFile, type TrialsHeader, type TrialsRecord } from './trials-file.ts';

/** What happens while an experiment runs, for whoever shows it. */
export interface ExperimentEvents {
  onStep(step: string): void;
  onTrialStart(trial: Trial): void;
  onTrialProgress(trial: Trial, progress: TrialProgress): void;
  onTrialEnd(result: TrialResult): void;
  /** What is not as it was when the run began: [was, is]. */
  onResume(changes: Readonly<Record<string, readonly [unknown, unknown]>>): void;
}

/** What an experiment left: enough to make every table and file of it. */
export interface RunRecord extends TrialsHeader {
  readonly results: readonly TrialResult[];
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly events: ExperimentEvents;
  /** What the file at `path` holds already; absent: there is none yet. */
  readonly before?: TrialsRecord;
  /** What is known of the machine and the instrument: the header of a new file keeps it. */
  readonly calibration?: object;
}

/**
 * Makes one trial after the other until `nextBlock` is content. Each result is in the file at `path` before the next
 * trial begins, and what comes next depends on the experiment and the results alone: so a run that was cut off, however
 * it was, goes on as if it had not been.
 *
 * Of the budget goes all the time from one trial's end to the next one's, with the start of a block's stack; not the
 * first start, which may have to install or build something.
 */
export async function runExperiment(
  experiment: Experiment,
  runtime: Runtime,
  path: string,
  options: RunOptions,
): Promise<RunRecord> {
  const { signal, events, before } = options;
  const results: TrialResult[] = [...(before?.results ?? [])];
  let [trial, ...rest] = nextBlock(experiment, results);
  if (trial === undefined) return nothingToDo(experiment, path, before);

  await using stacks = new Stacks(experiment, runtime, { signal, onStep: step => events.onStep(step) });
  const first = await stacks.deployedFor([trial, ...rest]);
  const header = await headerOf(experiment, runtime, first, options);
  const inUnits = cellInUnits(header.environment.cpuSecondsPerUnit);
  // What cannot be asked for here is found out before there is a file.
  experiment.cells.forEach(inUnits);
  using file = before ? resumed(path, header, first, before, events) : TrialsFile.create(path, header);

  let freeSince: Seconds | undefined;
  while (trial) {
    const current = trial;
    const stack = await stacks.deployedFor([current, ...rest]);
    await stacks.warmUp([current, ...rest], inUnits);
    const next = [current, ...rest].map(trial => ({ ...trial, cell: inUnits(trial.cell) }));
    stack.expect?.(next, experiment.objective);
    events.onTrialStart(current);
    const result = await runTrial(current, experiment, stack, {
      signal,
      begin: freeSince ?? stack.now(),
      inUnits,
      onProgress: progress => events.onTrialProgress(current, progress),
    });
    freeSince = stack.now();
    file.append(result);
    results.push(result);
    events.onTrialEnd(result);
    // One at a time: what the last one really took decides whether there is time for another.
    [trial, ...rest] = nextBlock(experiment, results);
  }
  TrialsFile.end(path);
  return { ...header, results };
}

/** The environment of a run that goes on is the one that it began in: its units of CPU work too. */
async function headerOf(
  experiment: Experiment,
  runtime: Runtime,
  stack: Stack,
  { signal, events, before, calibration }: RunOptions,
): Promise<TrialsHeader> {
  if (before) return { experiment, runtime: runtime.name, environment: before.environment };
  const [endpoint] = stack.endpoints;
  if (endpoint) events.onStep('finding the units of CPU work that take as long as asked');
  const units = endpoint && { cpuSecondsPerUnit: await measureCpuUnit(endpoint.url, signal) };
  return {
    experiment,
    runtime: runtime.name,
    environment: { ...stack.environment, ...units, ...(calibration && { calibration }) },
  };
}

function resumed(
  path: string,
  { experiment }: TrialsHeader,
  stack: Stack,
  before: TrialsRecord,
  events: ExperimentEvents,
): TrialsFile {
  const changes = changesSince(before.environment, stack.environment, path);
  events.onResume(changes);
  return TrialsFile.resume(path, { budget: experiment.budget, changes });
}

function nothingToDo(experiment: Experiment, path: string, before: TrialsRecord | undefined): RunRecord {
  if (before) {
    // It was cut off between its last result and its end.
    if (!before.ended) TrialsFile.end(path);
    return { ...before, experiment };
  }
  throw new LoadlineError(
    'nothing-measured',
    `There is nothing to measure: a budget of ${experiment.budget} s has no time for a single trial. Raise it: --budget 10m`,
  );
}
