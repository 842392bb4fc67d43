import { SECONDS_PER_UNIT } from '../../model/contract/work.ts';
import { LoadlineError } from '../../model/errors.ts';
import type { Cell, Experiment, Trial } from '../../model/experiment.ts';
import { quantile } from '../../model/histogram.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Seconds } from '../../model/quantities.ts';
import { selectResults } from '../search/load-curve.ts';
import { nextBlock } from '../search/next-block.ts';
import { isFailureCertain } from '../search/verdict.ts';
import { readMachine } from './environment.ts';
import { cellInUnits, measureCpuUnit } from './reference-service.ts';
import type { MeasureOptions, Runtime, Stack, TrialProgress } from './runtime.ts';
import { Stacks } from './stacks.ts';
import { TrialsFile, type TrialsHeader, type TrialsRecord } from './trials-file.ts';
import { findInvalidReason } from './validity.ts';

/** Hears what happens while an experiment runs. */
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

interface RunOptions {
  readonly signal: AbortSignal;
  readonly events: ExperimentEvents;
  /** What the file at `path` holds already; absent: there is none yet. */
  readonly before?: TrialsRecord;
  /** What is known of the machine and the instrument, for the header of a new file. */
  readonly calibration?: object;
}

/**
 * Makes one trial after the other until `nextBlock` has no more. Each result is in the file at `path` before the next
 * trial begins, and the next trial depends on the experiment and the results alone: a run that was cut off goes on as if
 * it had not been.
 *
 * The budget pays for all the time from one trial's end to the next one's, with the start of a block's stack, but not for
 * the first start, which may have to install or build something.
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
  if (trial === undefined) return endRun(experiment, path, before);

  // Before a stack is started for nothing; what only a stack tells of the machine is compared below.
  if (before && runtime.name !== 'simulated')
    findChanges(before.environment, { ...before.environment, ...readMachine() }, path);
  await using stacks = new Stacks(experiment, runtime, signal, step => events.onStep(step));
  const first = await stacks.deployedFor([trial, ...rest]);
  const header = { experiment, runtime: runtime.name, environment: await readEnvironment(first, options) };
  const inUnits = cellInUnits(header.environment.cpuSecondsPerUnit);
  // Refuses work that is too long for this machine before there is a file.
  experiment.cells.forEach(inUnits);
  using file = before ? resumeFile(path, header, first, before, events) : TrialsFile.create(path, header);

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
      ...findLightResponseTime(current.cell, results),
      onProgress: progress => events.onTrialProgress(current, progress),
    });
    freeSince = stack.now();
    file.append(result);
    results.push(result);
    events.onTrialEnd(result);
    // The rest of this load would be part of the next one.
    if (result.state === 'failed' && result.error.code === 'not-drained') await stacks.stop();
    // One at a time: how long the last trial took decides whether there is time for another.
    [trial, ...rest] = nextBlock(experiment, results);
  }
  TrialsFile.end(path);
  return { ...header, results };
}

interface RunTrialOptions {
  readonly signal: AbortSignal;
  /** The moment on the stack's clock from which on the trial uses the budget; otherwise now. */
  readonly begin?: Seconds;
  /** Puts CPU work into the service's units; otherwise the cell stays as it is. */
  readonly inUnits?: (cell: Cell) => Cell;
  readonly lightResponseTime?: MeasureOptions['lightResponseTime'];
  readonly onProgress?: (progress: TrialProgress) => void;
}

/** Makes one measurement and judges its validity. A trial that cannot be made is a result too; an interruption is thrown. */
export async function runTrial(
  trial: Trial,
  experiment: Experiment,
  stack: Stack,
  options: RunTrialOptions,
): Promise<TrialResult> {
  const { signal, begin = stack.now(), inUnits = cell => cell, lightResponseTime } = options;
  // In microseconds: it must not depend on where its clock stood.
  const elapsed = () => Math.round((stack.now() - begin) * 1e6) / 1e6;
  try {
    // The file has the CPU work as it was asked for; the header has this machine's units.
    const measurement = await stack.measure(
      { ...trial, cell: inUnits(trial.cell) },
      {
        signal,
        objective: experiment.objective.responseTime,
        ...(lightResponseTime !== undefined && { lightResponseTime }),
        onProgress: progress => {
          options.onProgress?.(progress);
          return isFailureCertain(progress, trial, experiment.objective) ? 'stop' : 'go-on';
        },
      },
    );
    const reason = findInvalidReason(measurement, trial, experiment);
    return reason
      ? { state: 'invalid', trial, elapsed: elapsed(), measurement, reason }
      : { state: 'completed', trial, elapsed: elapsed(), measurement };
  } catch (error) {
    signal.throwIfAborted();
    const code = error instanceof LoadlineError ? error.code : 'internal';
    const message = error instanceof Error ? error.message : String(error);
    return { state: 'failed', trial, elapsed: elapsed(), error: { code, message } };
  }
}

/** The environment of a run: of a resumed one that of its begin, with its units of CPU work. */
async function readEnvironment(
  { environment, endpoints }: Stack,
  { signal, events, before, calibration }: RunOptions,
): Promise<TrialsHeader['environment']> {
  if (before) return before.environment;
  const found = { ...environment, ...(calibration && { calibration }) };
  if (endpoints.length === 0) return found;
  // Only a told deployment times its work: hidden ones get the same units, or the usual ones if all are hidden.
  const told = endpoints.find(({ deployment }) => !deployment.hidden);
  if (told === undefined) return { ...found, cpuSecondsPerUnit: SECONDS_PER_UNIT };
  events.onStep('finding the units of CPU work that take as long as asked');
  return { ...found, cpuSecondsPerUnit: await measureCpuUnit(told.url, signal) };
}

/** The response time of a hidden deployment at light load, from the light look at the cell. */
function findLightResponseTime(cell: Cell, results: readonly TrialResult[]): Pick<MeasureOptions, 'lightResponseTime'> {
  const light = selectResults(cell, results).find(
    ({ state, trial }) => state === 'completed' && trial.purpose === 'light',
  );
  if (!cell.deployment.hidden || light?.state !== 'completed') return {};
  return { lightResponseTime: quantile(light.measurement.responseTimeFromSend, 0.9) };
}

function resumeFile(
  path: string,
  { experiment }: TrialsHeader,
  stack: Stack,
  before: TrialsRecord,
  events: ExperimentEvents,
): TrialsFile {
  const changes = findChanges(before.environment, stack.environment, path);
  events.onResume(changes);
  return TrialsFile.resume(path, { budget: experiment.budget, changes });
}

/** If one of these differs, the run came from another machine, or under other limits, and cannot be resumed here. */
const MACHINE = ['cpuModel', 'cpus', 'cpuLimit', 'availableCpus', 'model', 'limitVariables'];
/** Measured again at each start; says nothing about the machine. */
const FOUND = ['cpuSecondsPerUnit', 'calibration'];

type Environment = TrialsHeader['environment'];

/** What in the environment of a run is not as it was when it began: [was, is]. Another machine is refused. */
function findChanges(was: Environment, is: Environment, path: string): Record<string, [unknown, unknown]> {
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(key => !FOUND.includes(key)).sort();
  const changed = keys.filter(key => JSON.stringify(was[key]) !== JSON.stringify(is[key]));
  const other = changed.filter(key => MACHINE.includes(key));
  if (other.length > 0) {
    const differences = other.map(key => `${key} ${inWords(was[key])}, here ${inWords(is[key])}`).join('; ');
    throw new LoadlineError(
      'run-not-resumable',
      `${path} was measured on another machine, or under other limits (${differences}); ` +
        'resume it on that machine and under those limits, or start a new run here.',
    );
  }
  return Object.fromEntries(changed.map(key => [key, [was[key], is[key]]]));
}

function inWords(value: unknown): string {
  return value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);
}

/** Ends a run that has nothing left to measure. */
function endRun(experiment: Experiment, path: string, before: TrialsRecord | undefined): RunRecord {
  if (before === undefined) {
    throw new LoadlineError(
      'nothing-measured',
      `There is nothing to measure: a budget of ${experiment.budget} s has no time for a single trial. Raise it: --budget 10m`,
    );
  }
  // It was cut off between its last result and its end.
  if (!before.ended) TrialsFile.end(path);
  return { ...before, experiment };
}
