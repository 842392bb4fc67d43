import type { Cell, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { capacityOf } from './capacity.ts';
import { resultsOf } from './load-curve.ts';
import { ceilingOf, isGivenUp, nextStepOf } from './next-load.ts';
import { fixedTrials, type PlannedTrial, partTrial, searchTrial } from './planned-trial.ts';

/** How often a cell is measured at a part of its capacity: fewer have no interval to speak of. */
const REPEATS = 3;
/** Of ln capacity, as a standard deviation: then a part of it is near enough to what it is called. */
const WELL_KNOWN = 0.05;
/** Of the logarithm of a load. */
const SAME_PART = 0.15;

/**
 * With workers that are started once: the loads that the experiment names, then a step of the search on every cell
 * that is not done, those about which least is known first, in case there is not time for all; of those
 * that are known well enough the parts of their capacity that the experiment asks for.
 */
export function searchRound(results: readonly TrialResult[], experiment: Experiment): PlannedTrial[] {
  const fixed = results.some(({ trial }) => trial.purpose === 'load') ? [] : fixedTrials(experiment);
  const steps = experiment.cells.map(cell => ({
    cell,
    step: experiment.capacity ? nextStepOf(cell, results, experiment) : undefined,
  }));
  const going = steps.flatMap(({ cell, step }) => (step === undefined ? [] : [{ cell, step }]));
  const byDoubt = going.sort((a, b) => (a.step.doubt === b.step.doubt ? 0 : b.step.doubt - a.step.doubt));
  const known = steps.filter(({ step }) => step === undefined || step.doubt <= WELL_KNOWN);
  return [
    ...fixed,
    ...byDoubt.map(({ cell, step }) => searchTrial(cell, step, experiment)),
    ...known.flatMap(({ cell }) => partTrials(cell, results, experiment)),
  ];
}

/** One trial at each part of the cell's capacity that was not measured often enough. */
function partTrials(cell: Cell, results: readonly TrialResult[], experiment: Experiment): PlannedTrial[] {
  const { partsOfCapacity = [] } = experiment;
  if (partsOfCapacity.length === 0) return [];
  const own = resultsOf(cell, results);
  const capacity = capacityOf(cell, own, experiment);
  if (capacity.state !== 'bracketed' || isGivenUp(own)) return [];
  const made = own.flatMap(({ state, trial: { purpose, load } }) =>
    purpose === 'load' && load.model === 'open' ? [{ state, arrivalRate: load.arrivalRate }] : [],
  );
  return partsOfCapacity.flatMap(part => {
    const wanted = part * capacity.estimate;
    // The estimate moves a little with every trial, the load stays where it was first measured.
    const same = made.filter(({ arrivalRate }) => Math.abs(Math.log(arrivalRate / wanted)) < SAME_PART);
    if (same.filter(({ state }) => state === 'completed').length >= REPEATS) return [];
    const arrivalRate = same[0]?.arrivalRate ?? wanted;
    return arrivalRate < ceilingOf(own) ? [partTrial(cell, arrivalRate, experiment)] : [];
  });
}
