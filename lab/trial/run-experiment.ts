import { LoadlineError } from '../../errors/loadline-error.ts';
import type { Deployment } from '../../services/deployment.ts';
import { deploymentName } from '../../services/deployment.ts';
import { nextBlock } from '../analysis/next-block.ts';
import { cellName } from '../experiment/cell.ts';
import type { Experiment, Trial } from '../experiment/experiment.ts';
import type { TrialResult } from '../experiment/trial-result.ts';
import { checkContract } from './contract-check.ts';
import { asksForCpuTime, measureCpuUnit, withCpuUnits } from './cpu-units.ts';
import { runTrial } from './run-trial.ts';
import type { Endpoint, Runtime, Stack, TrialProgress } from './runtime.ts';
import { TrialsFile } from './trials-file.ts';

/** What happens while an experiment runs, for whoever shows it. */
export interface ExperimentEvents {
  onStep(step: string): void;
  onTrialStart(trial: Trial): void;
  onTrialProgress(trial: Trial, progress: TrialProgress): void;
  onTrialEnd(result: TrialResult): void;
}

/** What an experiment left: enough to make every table and file of it. */
export interface RunRecord {
  readonly experiment: Experiment;
  readonly runtime: Runtime['name'];
  readonly environment: Readonly<Record<string, unknown>>;
  readonly results: readonly TrialResult[];
}

/**
 * Deploys what an experiment compares, checks that all of it keeps the contract, and makes one trial after the
 * other until `nextBlock` is content. Each result is in the file at `path` before the next trial begins.
 */
export async function runExperiment(
  asked: Experiment,
  runtime: Runtime,
  path: string,
  options: { signal: AbortSignal; events: ExperimentEvents },
): Promise<RunRecord> {
  const { signal, events } = options;
  const deployments = deploymentsOf(asked);
  events.onStep(`deploying ${deployments.map(deploymentName).join(', ')}`);
  await using stack = await runtime.start(deployments, signal, asked);
  events.onStep('checking that every topology answers alike');
  await requireContract(stack.endpoints, signal);
  const { experiment, calibration } = await inUnitsOfThisMachine(asked, stack, events, signal);
  for (const [index, cell] of experiment.cells.entries()) {
    events.onStep(`warming up ${cellName(cell)} (${index + 1} of ${experiment.cells.length})`);
    await stack.warmUp(cell, signal);
  }
  const environment = { ...stack.environment, ...calibration };
  using file = TrialsFile.create(path, { experiment, runtime: runtime.name, environment });
  const results: TrialResult[] = [];
  // One at a time: what the last one really took decides whether there is time for another.
  for (let [trial] = nextBlock(experiment, results); trial; [trial] = nextBlock(experiment, results)) {
    const current = trial;
    events.onTrialStart(current);
    const result = await runTrial(current, experiment, stack, {
      signal,
      onProgress: progress => events.onTrialProgress(current, progress),
    });
    file.append(result);
    results.push(result);
    events.onTrialEnd(result);
  }
  return { experiment, runtime: runtime.name, environment, results };
}

/** The deployments of an experiment, each once. */
export function deploymentsOf(experiment: Experiment): Deployment[] {
  return [...new Map(experiment.cells.map(({ deployment }) => [deploymentName(deployment), deployment])).values()];
}

async function requireContract(endpoints: readonly Endpoint[], signal: AbortSignal): Promise<void> {
  const violations = await checkContract(endpoints, signal);
  if (violations.length === 0) return;
  const shown = violations.slice(0, 10).map(violation => `  ${violation}`);
  if (violations.length > shown.length) shown.push(`  and ${violations.length - shown.length} more`);
  throw new LoadlineError(
    'contract-broken',
    `Nothing was measured: the deployments do not all answer as the contract says.\n${shown.join('\n')}`,
  );
}

async function inUnitsOfThisMachine(
  asked: Experiment,
  stack: Stack,
  events: ExperimentEvents,
  signal: AbortSignal,
): Promise<{ experiment: Experiment; calibration: Record<string, unknown> }> {
  const [endpoint] = stack.endpoints;
  if (!endpoint || !asksForCpuTime(asked)) return { experiment: asked, calibration: {} };
  events.onStep('finding the units of CPU work that take as long as asked');
  const secondsPerUnit = await measureCpuUnit(endpoint.url, signal);
  return { experiment: withCpuUnits(asked, secondsPerUnit), calibration: { cpuSecondsPerUnit: secondsPerUnit } };
}
