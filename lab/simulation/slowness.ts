import { deploymentName } from '../../model/deployment.ts';
import type { Experiment, Trial } from '../../model/experiment.ts';
import type { Fraction } from '../../model/quantities.ts';
import { Random, seedOf } from './random.ts';

/** What says how noisy a simulated machine is. */
export type NoisyExperiment = Pick<Experiment, 'seed' | 'noise' | 'blocks'>;

/**
 * How many times as long everything takes in this trial as in the model, by the experiment's noise: a log-normal factor
 * of the trial, and one of the start of its workers. With one block the workers are started once for the whole run.
 */
export function slownessOf(trial: Trial, { seed, noise, blocks }: NoisyExperiment): Fraction {
  const start = blocks > 1 ? trial.block : 0;
  const ofTrial = new Random(trial.seed, seedOf('trial')).normal();
  const ofStart = new Random(seed, start, seedOf(deploymentName(trial.cell.deployment))).normal();
  return Math.exp(noise.betweenTrials * ofTrial + noise.betweenBlocks * ofStart);
}
