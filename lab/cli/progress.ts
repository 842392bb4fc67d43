import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import { quantile } from '../../loadtests/lib/histogram.ts';
import { deploymentName } from '../../services/deployment.ts';
import { budgetLeft } from '../analysis/next-block.ts';
import { milliseconds, quantileName, rounded, waitingTime } from '../analysis/numbers.ts';
import type { Experiment, Objective, Trial } from '../experiment/experiment.ts';
import type { TrialResult } from '../experiment/trial-result.ts';
import type { Seconds } from '../experiment/units.ts';
import type { ExperimentEvents } from '../trial/run-experiment.ts';
import type { TrialProgress } from '../trial/runtime.ts';

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
    if (this.#live) this.#show(`${step} …   then ${leftOf(this.#left)}`);
    else process.stderr.write(`${step}\n`);
  }

  onTrialStart(trial: Trial): void {
    this.#trials += 1;
    this.#show(`trial ${this.#trials}  ${describe(trial)}`);
  }

  onTrialProgress(trial: Trial, { time, inProgress }: TrialProgress): void {
    if (!this.#live) return;
    const length = trial.phases.warmUp + trial.phases.steadyState;
    const done = Math.min(1, time / length);
    const bar = '█'.repeat(Math.round(done * BAR_WIDTH)).padEnd(BAR_WIDTH, '░');
    this.#live(
      `trial ${this.#trials}  ${describe(trial)}\n${bar}  ${Math.min(time, length).toFixed(0)} of ${length.toFixed(0)} s` +
        `   ${inProgress} in progress   ${leftOf(this.#left - time)}`,
    );
  }

  onTrialEnd(result: TrialResult): void {
    this.#left -= result.elapsed;
    this.clear();
    process.stderr.write(`${endedLine(result, this.#experiment.objective, this.#left)}\n`);
  }

  clear(): void {
    this.#live?.clear();
  }

  #show(line: string): void {
    this.#live?.(styleText('dim', line, { stream: process.stderr }));
  }
}

/** What is said of a trial that has ended: its load, its outcome and, in seconds of the budget, what is `left`. */
export function endedLine(result: TrialResult, objective: Objective, left: Seconds): string {
  return `  ${describe(result.trial).padEnd(44)} ${outcomeOf(result, objective)}; ${leftOf(left)}`;
}

/** The search may be content before its budget is used up. */
function leftOf(seconds: Seconds): string {
  return `about ${waitingTime(Math.max(0, seconds))} left`;
}

function describe({ cell, load, purpose }: Trial): string {
  const offered = load.model === 'open' ? ` at ${rounded(load.arrivalRate)}/s` : '';
  const look = purpose === 'light' ? ' (a light look)' : '';
  return `${deploymentName(cell.deployment)} on ${cell.workload.name}${offered}${look}`;
}

function outcomeOf(result: TrialResult, objective: Objective): string {
  if (result.state === 'failed') return `failed: ${result.error.message.split('\n')[0]}`;
  if (result.state === 'invalid') return `invalid: ${result.reason.kind}`;
  const { responseTime, throughput, stoppedEarly } = result.measurement;
  const slowest = `${quantileName(objective.quantile)} ${milliseconds(quantile(responseTime, objective.quantile))} ms`;
  const stopped = stoppedEarly ? ', stopped early: the objective could not be met any more' : '';
  return `${slowest}, ${rounded(throughput)}/s served${stopped}`;
}

function inWords(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}
