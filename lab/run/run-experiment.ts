import { SECONDS_PER_UNIT } from '../../model/contract/work.ts';
import { LoadlineError } from '../../model/errors.ts';
import type { Cell, Experiment, Trial } from '../../model/experiment.ts';
import { quantile } from '../../model/histogram.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Seconds } from '../../model/quantities.ts';
import { resultsOf } from '../search/load-curve.ts';
import { nextBlock } from '../search/next-block.ts';
import { isFailureCertain } from '../search/verdict.ts';
import { cellInUnits, measureCpuUnit } from './reference-service.ts';
import type { MeasureOptions, Runtime, Stack, TrialProgress } from './runtime.ts';
import { Stacks } from './stacks.ts';
import { TrialsFile, type TrialsHeader, type TrialsRecord } from './trials-file.ts';
import { invalidReasonOf } from './validity.ts';

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
      ...lightResponseTimeOf(current.cell, results),
      onProgress: progress => events.onTrialProgress(current, progress),
    });
    freeSince = stack.now();
    file.append(result);
    results.push(result);
    events.onTrialEnd(result);
    // What a deployment is still at work on would be part of the next load.
    if (result.state === 'failed' && result.error.code === 'not-drained') await stacks.stop();
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
  const units = await cpuUnitsOf(stack, signal, events);
  return {
    experiment,
    runtime: runtime.name,
    environment: { ...stack.environment, ...units, ...(calibration && { calibration }) },
  };
}

/** Only a told deployment times its work. Hidden ones are asked for the same units, or for the usual ones where all are hidden. */
async function cpuUnitsOf({ endpoints }: Stack, signal: AbortSignal, events: ExperimentEvents) {
  if (endpoints.length === 0) return undefined;
  const told = endpoints.find(({ deployment }) => !deployment.hidden);
  if (told === undefined) return { cpuSecondsPerUnit: SECONDS_PER_UNIT };
  events.onStep('finding the units of CPU work that take as long as asked');
  return { cpuSecondsPerUnit: await measureCpuUnit(told.url, signal) };
}

/** The response time of a hidden deployment at light load, by the light look at the cell. */
function lightResponseTimeOf(cell: Cell, results: readonly TrialResult[]): Pick<MeasureOptions, 'lightResponseTime'> {
  const light = resultsOf(cell, results).find(({ state, trial }) => state === 'completed' && trial.purpose === 'light');
  if (!cell.deployment.hidden || light?.state !== 'completed') return {};
  return { lightResponseTime: quantile(light.measurement.responseTimeFromSend, 0.9) };
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

export interface RunTrialOptions {
  readonly signal: AbortSignal;
  /** On the clock of the stack: from here on the trial uses of the budget; otherwise from now on. */
  readonly begin?: Seconds;
  /** A cell as the service is asked; otherwise as it is. */
  readonly inUnits?: (cell: Cell) => Cell;
  readonly lightResponseTime?: MeasureOptions['lightResponseTime'];
  readonly onProgress?: (progress: TrialProgress) => void;
}

/**
 * Makes one measurement and says what it is worth. A trial that cannot be made is a result too (`failed`); only an
 * interruption is thrown.
 */
export async function runTrial(
  trial: Trial,
  experiment: Experiment,
  stack: Stack,
  options: RunTrialOptions,
): Promise<TrialResult> {
  const { begin = stack.now(), inUnits = cell => cell, lightResponseTime } = options;
  // To the microsecond: it does not depend on where its clock stood.
  const elapsed = () => Math.round((stack.now() - begin) * 1e6) / 1e6;
  try {
    // In the file stands what was asked for; what its units are on this machine stands in the header.
    const measurement = await stack.measure(
      { ...trial, cell: inUnits(trial.cell) },
      {
        signal: options.signal,
        objective: experiment.objective.responseTime,
        ...(lightResponseTime !== undefined && { lightResponseTime }),
        onProgress: progress => {
          options.onProgress?.(progress);
          return isFailureCertain(progress, trial, experiment.objective) ? 'stop' : 'go-on';
        },
      },
    );
    const reason = invalidReasonOf(measurement, trial, experiment);
    return reason
      ? { state: 'invalid', trial, elapsed: elapsed(), measurement, reason }
      : { state: 'completed', trial, elapsed: elapsed(), measurement };
  } catch (error) {
    options.signal.throwIfAborted();
    const code = error instanceof LoadlineError ? error.code : 'internal';
    const message = error instanceof Error ? error.message : String(error);
    return { state: 'failed', trial, elapsed: elapsed(), error: { code, message } };
  }
}

type Environment = Readonly<Record<string, unknown>>;

/** If one of these differs, the run came from another machine, or under other limits, and cannot be resumed here. */
const MACHINE = ['cpuModel', 'cpus', 'cpuLimit', 'availableCpus', 'model', 'limitVariables'];
/** What is found anew at each start and says nothing about the machine. */
const FOUND = ['cpuSecondsPerUnit', 'calibration'];

/** What in the environment of a run is not as it was when it began: [was, is]. Another machine is refused. */
export function changesSince(was: Environment, is: Environment, path: string): Record<string, [unknown, unknown]> {
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(key => !FOUND.includes(key)).sort();
  const changed = keys.filter(key => JSON.stringify(was[key]) !== JSON.stringify(is[key]));
  const changes = Object.fromEntries(changed.map((key): [string, [unknown, unknown]] => [key, [was[key], is[key]]]));
  const other = changed.filter(key => MACHINE.includes(key));
  if (other.length === 0) return changes;
  throw new LoadlineError(
    'run-not-resumable',
    `${path} was measured on another machine, or under other limits (${other.map(key => `${key} ${inWords(was[key])}, here ${inWords(is[key])}`).join('; ')}); ` +
      'resume it on that machine and under those limits, or start a new run here.',
  );
}

function inWords(value: unknown): string {
  return value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);
}
