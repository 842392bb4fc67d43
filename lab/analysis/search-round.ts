import type { Experiment } from '../experiment/experiment.ts';
import type { TrialResult } from '../experiment/trial-result.ts';
import { nextStepOf } from './next-load.ts';
import { fixedTrials, type PlannedTrial, searchTrial } from './planned-trial.ts';

/**
 * With workers that are started once: the loads that the experiment names, then a step of the search on every cell
 * that is not done, those about which least is known first, in case there is not time for all.
 */
export function searchRound(results: readonly TrialResult[], experiment: Experiment): PlannedTrial[] {
  const fixed = results.some(({ trial }) => trial.purpose === 'load') ? [] : fixedTrials(experiment);
  const steps = experiment.cells.flatMap(cell => {
    const step = experiment.capacity ? nextStepOf(cell, results, experiment) : undefined;
    return step === undefined ? [] : [{ cell, step }];
  });
  const byDoubt = steps.sort((a, b) => (a.step.doubt === b.step.doubt ? 0 : b.step.doubt - a.step.doubt));
  return [...fixed, ...byDoubt.map(({ cell, step }) => searchTrial(cell, step, experiment))];
}
