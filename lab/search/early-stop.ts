import type { Objective, Trial } from '../../model/experiment.ts';
import { isClearlyOver } from './certainty.ts';

/** What is known of a trial while it runs: counts of scored arrivals. */
export interface Progress {
  /** Over the objective's time by now, or failed. */
  readonly overObjective: number;
  readonly failed: number;
}

/**
 * Whether the trial can no longer meet the objective: already more arrivals are over it, or have failed, than it
 * allows in the whole steady state, with a margin since the number of arrivals to come is Poisson.
 */
export function isFailureCertain(progress: Progress, trial: Trial, objective: Objective): boolean {
  // A claim may be about just what happens beyond the objective.
  if (trial.purpose === 'light' || trial.purpose === 'claim' || trial.load.model !== 'open') return false;
  const arrivals = trial.load.arrivalRate * trial.phases.steadyState;
  // A failed request may or may not have been late as well: only those that were surely late count as late.
  const late = progress.overObjective - progress.failed;
  return (
    isClearlyOver(late, arrivals * (1 - objective.quantile)) ||
    isClearlyOver(progress.failed, arrivals * objective.errorFraction)
  );
}
