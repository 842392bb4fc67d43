import type { Cell, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Seconds } from '../../model/quantities.ts';
import { estimateCapacity, measurePrecision, readBlocks } from './capacity.ts';
import {
  type CellState,
  findCeiling,
  isGivenUp,
  isHopeless,
  isSaturationSeen,
  limitToOffered,
  readCell,
} from './cell-state.ts';
import { listContenders } from './contenders.ts';
import { buildLoadCurve } from './load-curve.ts';
import { loadAbove, nextStep } from './next-load.ts';
import type { Posterior } from './posterior.ts';
import { type PlannedTrial, planLoad, planNamedLoads, planSearch } from './trial-plan.ts';

/** How often a cell is measured at a part of its capacity: fewer give no interval to speak of. */
const REPEATS = 3;
/** Standard deviation of ln capacity from which on a part of it is near enough to what it is called. */
const WELL_KNOWN = 0.05;
/** Distance of the logarithms of two loads that are the same part. */
const SAME_PART = 0.15;

/**
 * Plans a round of a run whose workers are started once: the loads that the experiment names, a step of the search on
 * every cell that is not done, the least known first, and the parts of capacities that are known well enough.
 */
export function planRound(results: readonly TrialResult[], experiment: Experiment): PlannedTrial[] {
  const named = results.some(({ trial }) => trial.purpose === 'load') ? [] : planNamedLoads(experiment);
  const steps = experiment.cells.map(cell => {
    const state = readCell(cell, results, experiment);
    return { state, step: experiment.capacity ? nextStep(state) : undefined };
  });
  const going = steps.flatMap(({ state, step }) => (step === undefined ? [] : [{ cell: state.cell, step }]));
  const byDoubt = going.sort((a, b) => (a.step.doubt === b.step.doubt ? 0 : b.step.doubt - a.step.doubt));
  const known = steps.filter(({ step }) => step === undefined || step.doubt <= WELL_KNOWN);
  return [
    ...named,
    ...byDoubt.map(({ cell, step }) => planSearch(cell, step, experiment)),
    ...known.flatMap(({ state }) => planParts(state)),
  ];
}

/** One trial at each part of the cell's capacity that was not measured often enough. */
function planParts(state: CellState): PlannedTrial[] {
  const { cell, own, experiment } = state;
  const { partsOfCapacity = [] } = experiment;
  if (partsOfCapacity.length === 0) return [];
  const capacity = estimateCapacity(state);
  if (capacity.state !== 'bracketed' || isGivenUp(state)) return [];
  const made = own.flatMap(({ state, trial: { purpose, load } }) =>
    purpose === 'load' && load.model === 'open' ? [{ state, arrivalRate: load.arrivalRate }] : [],
  );
  return partsOfCapacity.flatMap(part => {
    const wanted = part * capacity.estimate;
    // The estimate moves a little with every trial, the load stays where it was first measured.
    const same = made.filter(({ arrivalRate }) => Math.abs(Math.log(arrivalRate / wanted)) < SAME_PART);
    if (same.filter(({ state }) => state === 'completed').length >= REPEATS) return [];
    const arrivalRate = same[0]?.arrivalRate ?? wanted;
    return arrivalRate < findCeiling(state) ? [planLoad(cell, { model: 'open', arrivalRate }, experiment)] : [];
  });
}

/** Blocks that are added if trials of the planned ones were invalid, or did not reach saturation. */
const MOST_ADDED = 2;
/** Blocks after which no more are added, however wide an interval still is. */
export const MOST_BLOCKS = 100;

/**
 * Loads below capacity, one a block, by turns: they draw the curve, and show whether what the loads above let expect is
 * carried. `near`: the capacity is surely not lower than this.
 */
const BELOW = [0.5, 'near', 0.75, 'near', 0.9, 'near'] as const;

/**
 * Plans a block of a run whose workers are restarted in each: first a light look at every cell, then blocks in which
 * each cell has a load above its capacity, which shows the saturation of this block, and one below it: as many as the
 * experiment names, or as its precision takes.
 */
export function planBlock(results: readonly TrialResult[], block: number, experiment: Experiment): PlannedTrial[] {
  const cells = experiment.capacity ? listContenders(results, experiment) : [];
  const named = block >= 1 && block <= experiment.blocks ? planNamedLoads(experiment) : [];
  const workloads = Map.groupBy(cells, ({ workload }) => workload.name);
  return [...named, ...[...workloads.values()].flatMap(own => planWorkload(own, results, block, experiment))];
}

/** The trials of the cells of one workload: all of them or none, since ratios are taken block by block. */
function planWorkload(
  cells: readonly Cell[],
  results: readonly TrialResult[],
  block: number,
  experiment: Experiment,
): PlannedTrial[] {
  const going = cells
    .map(cell => readCell(cell, results, experiment))
    .filter(state => !isGivenUp(state) && !isHopeless(state));
  const unseen = going.filter(({ light }) => light === undefined);
  if (unseen.length > 0) return unseen.map(({ cell }) => planSearch(cell, { purpose: 'light' }, experiment));
  const estimates = going.map(state => readBlocks(state).estimates);
  const shared = [...(estimates[0]?.keys() ?? [])].filter(one => estimates.every(blocks => blocks.has(one))).length;
  const { blocks, precision } = experiment;
  if (shared >= blocks && (precision === undefined || going.every(state => measurePrecision(state) <= precision)))
    return [];
  if (block > (precision === undefined ? blocks + MOST_ADDED : MOST_BLOCKS)) return [];
  return going.flatMap(state => {
    if (state.posterior === undefined) return [];
    const { cell, posterior } = state;
    const wanted = [{ arrivalRate: loadAbove(posterior, experiment), describes: false }, loadBelow(posterior, shared)];
    // A late generator that shows the saturation all the same spoils no load above.
    const loads = isSaturationSeen(state)
      ? wanted
      : wanted.flatMap(({ arrivalRate, describes }) => {
          const offered = limitToOffered(arrivalRate, state);
          return offered === undefined ? [] : [{ arrivalRate: offered, describes }];
        });
    return loads.map(load => planSearch(cell, { purpose: 'capacity', ...load }, experiment));
  });
}

function loadBelow(posterior: Posterior, turn: number) {
  const part = BELOW[turn % BELOW.length] ?? 'near';
  if (part === 'near') return { arrivalRate: posterior.quantile(0.1), describes: false };
  return { arrivalRate: part * posterior.quantile(0.5), describes: true };
}

/** Trials at carried loads before their warm-ups are believed: a single one may be chance. */
const ENOUGH_TRIALS = 3;
/** Times the planned length that a warm-up becomes at most. */
export const LONGEST_WARM_UP = 5;

/**
 * Gives a trial as long a warm-up as earlier trials of its cell needed. Its own steady state has no say: a cut that is
 * chosen by what follows would leave out just what is slow.
 */
export function withFoundWarmUp(
  planned: PlannedTrial,
  results: readonly TrialResult[],
  experiment: Pick<Experiment, 'objective'>,
): PlannedTrial {
  const { purpose, load, phases, cell } = planned;
  if ((purpose !== 'capacity' && purpose !== 'load') || load.model === 'burst') return planned;
  const found = findWarmUp(cell, results, experiment);
  if (found === undefined || found <= phases.warmUp) return planned;
  return { ...planned, phases: { ...phases, warmUp: Math.min(found, LONGEST_WARM_UP * phases.warmUp) } };
}

/**
 * Seconds until carried loads became steady, in the median of a cell's trials; infinite if most never did, `undefined` if
 * too few were looked at.
 */
export function findWarmUp(
  cell: Cell,
  results: readonly TrialResult[],
  { objective }: Pick<Experiment, 'objective'>,
): Seconds | undefined {
  const moments = buildLoadCurve(cell, results, objective)
    .flatMap(({ verdict, measurement: { steadyFrom } }) =>
      verdict.met && steadyFrom !== undefined ? [steadyFrom ?? Number.POSITIVE_INFINITY] : [],
    )
    .sort((one, other) => one - other);
  return moments.length < ENOUGH_TRIALS ? undefined : moments[Math.floor((moments.length - 1) / 2)];
}
