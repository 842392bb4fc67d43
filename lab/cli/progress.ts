import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import { deploymentName } from '../../model/deployment.ts';
import { blockName, type Experiment, type Load, type Objective, type Trial } from '../../model/experiment.ts';
import { quantile } from '../../model/histogram.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { milliseconds, quantileName, rounded, type Seconds, waitingTime } from '../../model/quantities.ts';
import type { ExperimentEvents } from '../run/run-experiment.ts';
import type { TrialProgress } from '../run/runtime.ts';
import { budgetLeft } from '../search/next-block.ts';

const BAR_WIDTH = 20;

/**
 * Shows a person what an experiment does and how long is left, on stderr: one line that moves in a terminal, and a
 * line for each trial that has ended, everywhere.
 */
export class ProgressView implements ExperimentEvents {
  readonly #live = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined;
  readonly #experiment: Experiment;
  #left: Seconds;
  #trials = 0;

  /** `before`: the results that a resumed run has already. */
  constructor(experiment: Experiment, before: readonly TrialResult[] = []) {
    this.#experiment = experiment;
    this.#trials = before.length;
    this.#left = budgetLeft(experiment, before);
  }

  onResume(changes: Readonly<Record<string, readonly [unknown, unknown]>>): void {
    this.clear();
    for (const [key, [was, is]] of Object.entries(changes)) {
      process.stderr.write(`not as it was: ${key} is ${inWords(is)}, was ${inWords(was)}\n`);
    }
  }

  onStep(step: string): void {
    if (this.#live) this.#show(`${step} …   then ${shownTimeLeft(this.#left)}`);
    else process.stderr.write(`${step}\n`);
  }

  onTrialStart(trial: Trial): void {
    this.#trials += 1;
    this.#show(this.#titleOf(trial));
  }

  onTrialProgress(trial: Trial, { time, inProgress }: TrialProgress): void {
    if (!this.#live) return;
    const length = trial.phases.warmUp + trial.phases.steadyState;
    const done = Math.min(1, time / length);
    const bar = '█'.repeat(Math.round(done * BAR_WIDTH)).padEnd(BAR_WIDTH, '░');
    const seconds = `${Math.min(time, length).toFixed(0)} of ${length.toFixed(0)} s`;
    const title = fitting(this.#titleOf(trial), process.stderr.columns);
    const line = `${bar}  ${seconds}   ${inProgress} in progress   ${shownTimeLeft(this.#left - time)}`;
    this.#live(`${title}\n${fitting(line, process.stderr.columns)}`);
  }

  onTrialEnd(result: TrialResult): void {
    this.#left -= result.elapsed;
    this.clear();
    const line = endedLine(result, this.#experiment.objective, this.#left);
    process.stderr.write(`${fitting(line, process.stderr.columns)}\n`);
  }

  clear(): void {
    this.#live?.clear();
  }

  #titleOf(trial: Trial): string {
    const block = blockName(trial, this.#experiment);
    return `trial ${this.#trials}${block === undefined ? '' : `, ${block}`}  ${describe(trial)}`;
  }

  #show(line: string): void {
    this.#live?.(styleText('dim', fitting(line, process.stderr.columns), { stream: process.stderr }));
  }
}

/** What is said of a trial that has ended: its load, its outcome and, in seconds of the budget, what is `left`. */
export function endedLine(result: TrialResult, objective: Objective, left: Seconds): string {
  return `  ${describe(result.trial).padEnd(36)} ${describeOutcome(result, objective)}; ≤ ${waitingTime(Math.max(0, left))} left`;
}

/** A line that does not wrap: cut where a terminal has so many columns, whole where there is none. */
export function fitting(line: string, columns: number | undefined): string {
  return columns === undefined || line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}

/** The search may be content before its budget is used up. */
function shownTimeLeft(seconds: Seconds): string {
  return `at most ${waitingTime(Math.max(0, seconds))} left`;
}

function describe({ cell, load, purpose, claim }: Trial): string {
  const look = purpose === 'light' ? ' (light)' : '';
  const part = claim === undefined ? '' : `${claim.id} `;
  return `${part}${deploymentName(cell.deployment)} on ${cell.workload.name}${offered(load)}${look}`;
}

function offered(load: Load): string {
  if (load.model === 'open') return ` at ${rounded(load.arrivalRate)}/s`;
  if (load.model === 'burst') return `, ${load.requests} at once`;
  return ` with ${load.users} ${load.users === 1 ? 'user' : 'users'}`;
}

function describeOutcome(result: TrialResult, objective: Objective): string {
  if (result.state === 'failed') return `failed: ${result.error.message.split('\n')[0]}`;
  if (result.state === 'invalid') return `invalid: ${result.reason.kind}`;
  const { responseTime, throughput, stoppedEarly } = result.measurement;
  const slowest = `${quantileName(objective.quantile)} ${milliseconds(quantile(responseTime, objective.quantile))} ms`;
  // A burst has no steady state in which anything could be served a second.
  if (result.trial.load.model === 'burst') return slowest;
  return `${slowest}, ${stoppedEarly ? 'stopped early' : `${rounded(throughput)}/s served`}`;
}

function inWords(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}
