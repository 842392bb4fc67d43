import type { Cell, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { blockEstimates } from './block-estimates.ts';
import { contendersOf } from './contenders.ts';
import { knowledgeOf } from './knowledge.ts';
import { loadCurveOf, resultsOf } from './load-curve.ts';
import { belowSpoiled, isGivenUp, isHopeless, isSaturationSeen, loadAbove } from './next-load.ts';
import { fixedTrials, type PlannedTrial, searchTrial } from './planned-trial.ts';
import type { Posterior } from './posterior.ts';
import { arePrecise, MOST_BLOCKS } from './precision.ts';
import { lightLookOf } from './saturation.ts';

/** Blocks that are added when trials of the planned ones were invalid, or did not reach saturation. */
const MOST_ADDED = 2;

/**
 * Loads below capacity, a block each, by turns: they draw the curve, and show whether what the loads above let expect is
 * carried. `near`: the capacity is surely not lower than this.
 */
const BELOW = [0.5, 'near', 0.75, 'near', 0.9, 'near'] as const;

/**
 * With workers that are started anew in each block: first a light look at every cell, then blocks in which each cell has
 * a load above its capacity, which shows the saturation of this block, and one below it: as many as the experiment names,
 * and where it asks for a precision, as many more as that takes.
 */
export function measuredBlock(results: readonly TrialResult[], block: number, experiment: Experiment): PlannedTrial[] {
  const cells = experiment.capacity ? contendersOf(results, experiment) : [];
  const fixed = block >= 1 && block <= experiment.blocks ? fixedTrials(experiment) : [];
  const workloads = Map.groupBy(cells, ({ workload }) => workload.name);
  return [...fixed, ...[...workloads.values()].flatMap(own => trialsOf(own, results, block, experiment))];
}

/** The trials of the cells of one workload: all of them or none, since ratios are taken block by block. */
function trialsOf(
  cells: readonly Cell[],
  results: readonly TrialResult[],
  block: number,
  experiment: Experiment,
): PlannedTrial[] {
  const going = cells.filter(cell => {
    const own = resultsOf(cell, results);
    return !isGivenUp(own) && !isHopeless(loadCurveOf(cell, own, experiment.objective));
  });
  const unseen = going.filter(cell => lightLookOf(resultsOf(cell, results), experiment) === undefined);
  if (unseen.length > 0) {
    return unseen.map(cell => searchTrial(cell, { purpose: 'light' }, experiment));
  }
  const estimates = going.map(cell => blockEstimates(cell, results, experiment));
  const [first] = estimates;
  const shared = [...(first?.keys() ?? [])].filter(one => estimates.every(blocks => blocks.has(one))).length;
  if (shared >= experiment.blocks && arePrecise(going, results, experiment)) return [];
  if (block > (experiment.precision === undefined ? experiment.blocks + MOST_ADDED : MOST_BLOCKS)) return [];
  return going.flatMap(cell => {
    const known = knowledgeOf(cell, results, experiment);
    if (known === undefined) return [];
    const { posterior } = known;
    const wanted = [{ arrivalRate: loadAbove(posterior, experiment), describes: false }, loadBelow(posterior, shared)];
    // A block needs a load above, and has it where a late generator shows the saturation all the same.
    const loads = isSaturationSeen(known, experiment)
      ? wanted
      : wanted.flatMap(({ arrivalRate, describes }) => {
          const within = belowSpoiled(arrivalRate, cell, resultsOf(cell, results));
          return within === undefined ? [] : [{ arrivalRate: within, describes }];
        });
    return loads.map(load => searchTrial(cell, { purpose: 'capacity', ...load }, experiment));
  });
}

function loadBelow(posterior: Posterior, turn: number) {
  const part = BELOW[turn % BELOW.length] ?? 'near';
  if (part === 'near') return { arrivalRate: posterior.quantile(0.1), describes: false };
  return { arrivalRate: part * posterior.quantile(0.5), describes: true };
}
