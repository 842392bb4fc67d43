import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import { quantile } from '../../loadtests/lib/histogram.ts';
import { deploymentName } from '../../services/deployment.ts';
import type { Experiment, Trial } from '../experiment/experiment.ts';
import type { TrialResult } from '../experiment/trial-result.ts';
import type { ExperimentEvents } from '../trial/run-experiment.ts';
import type { TrialProgress } from '../trial/runtime.ts';

const BAR_WIDTH = 20;

/**
 * Shows a person what an experiment does and how long is left, on stderr: one line that moves in a terminal, and a
 * line for each trial that has ended, everywhere.
 */
export class ProgressView implements ExperimentEvents {
  readonly #live = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined;
  #budget = 0;
  #used = 0;
  #trials = 0;

  onStep(step: string): void {
    if (this.#live) this.#show(`${step} …`);
    else process.stderr.write(`${step}\n`);
  }

  onTrialStart(trial: Trial, experiment: Experiment, results: readonly TrialResult[]): void {
    this.#budget = experiment.budget;
    this.#used = results.reduce((seconds, result) => seconds + result.elapsed, 0);
    this.#trials = results.length + 1;
    this.#show(`trial ${this.#trials}  ${describe(trial)}`);
  }

  onTrialProgress(trial: Trial, { time, inProgress }: TrialProgress): void {
    if (!this.#live) return;
    const length = trial.phases.warmUp + trial.phases.steadyState;
    const done = Math.min(1, time / length);
    const bar = '█'.repeat(Math.round(done * BAR_WIDTH)).padEnd(BAR_WIDTH, '░');
    const left = duration(Math.max(0, this.#budget - this.#used - time));
    this.#live(
      `trial ${this.#trials}  ${describe(trial)}\n${bar}  ${Math.min(time, length).toFixed(0)} of ${length.toFixed(0)} s` +
        `   ${inProgress} in progress   at most ${left} left`,
    );
  }

  onTrialEnd(result: TrialResult): void {
    this.clear();
    process.stderr.write(`  ${describe(result.trial).padEnd(44)} ${outcomeOf(result)}\n`);
  }

  clear(): void {
    this.#live?.clear();
  }

  #show(line: string): void {
    this.#live?.(styleText('dim', line, { stream: process.stderr }));
  }
}

function describe({ cell, load, purpose }: Trial): string {
  const offered = load.model === 'open' ? ` at ${rounded(load.arrivalRate)}/s` : '';
  const look = purpose === 'light' ? ' (a light look)' : '';
  return `${deploymentName(cell.deployment)} on ${cell.workload.name}${offered}${look}`;
}

function outcomeOf(result: TrialResult): string {
  if (result.state === 'failed') return `failed: ${result.error.message.split('\n')[0]}`;
  const { measurement } = result;
  const p99 = quantileText(measurement.responseTime);
  if (result.state === 'invalid') return `invalid: ${result.reason.kind}`;
  const stopped = measurement.stoppedEarly ? ', stopped early: the objective could not be met any more' : '';
  return `p99 ${p99}, ${rounded(measurement.throughput)}/s served${stopped}`;
}

function quantileText(histogram: Parameters<typeof quantile>[0]): string {
  return `${rounded(quantile(histogram, 0.99) * 1000)} ms`;
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes > 0 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.round(seconds)} s`;
}
