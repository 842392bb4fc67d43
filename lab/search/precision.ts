import type { Cell, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Fraction } from '../../model/quantities.ts';
import { geometricInterval } from '../../model/statistics.ts';
import { blockEstimates } from './block-estimates.ts';
import { LEAST_BLOCKS } from './capacity-interval.ts';

/** Blocks after which no more are added, however wide an interval still is. */
export const MOST_BLOCKS = 100;

/**
 * How far the t-interval of 95 % between blocks reaches from a cell's capacity, as a part of it: 0.02 is ± 2 %. It is
 * what further blocks narrow; what all of them share is not in it. Infinite with fewer than four blocks.
 */
export function precisionOf(cell: Cell, results: readonly TrialResult[], experiment: Experiment): Fraction {
  const blocks = [...blockEstimates(cell, results, experiment).values()];
  if (blocks.length < LEAST_BLOCKS) return Number.POSITIVE_INFINITY;
  const { estimate, high } = geometricInterval(blocks);
  return high / estimate - 1;
}

/** Whether the capacities are known as well as the experiment asks for; always, where it does not ask. */
export function arePrecise(cells: readonly Cell[], results: readonly TrialResult[], experiment: Experiment): boolean {
  const { precision } = experiment;
  return precision === undefined || cells.every(cell => precisionOf(cell, results, experiment) <= precision);
}
