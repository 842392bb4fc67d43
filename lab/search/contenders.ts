import { type Cell, type Experiment, isArticleSize } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { bestSizes } from './best-sizes.ts';
import { findFairReadings } from './fair-readings.ts';
import { loadCurveOf, resultsOf, spoiledLoadsOf } from './load-curve.ts';
import { isGivenUp } from './next-load.ts';

/** Loads of a search after which the sizes of a topology are compared: one above and one below. */
const ENOUGH_TRIALS = 2;

/**
 * The cells that go on to be measured. With `sizes: best`, once every cell has been tried: of each topology the size that
 * carries most, the article's size, and those without which a reading of a ratio would be missing.
 */
export function contendersOf(results: readonly TrialResult[], experiment: Experiment): readonly Cell[] {
  const { cells, sizes } = experiment;
  const tried = cells.every(cell => {
    const own = resultsOf(cell, results);
    const { objective } = experiment;
    const tried = loadCurveOf(cell, own, objective).length + spoiledLoadsOf(cell, own, objective).length;
    return isGivenUp(own) || tried >= ENOUGH_TRIALS;
  });
  if (sizes === 'all' || !tried) return cells;
  const kept = new Set<Cell>(cells.filter(cell => isArticleSize(cell, experiment)));
  for (const cell of bestSizes(results, experiment)) kept.add(cell);
  for (const { of, to } of findFairReadings(results, experiment)) kept.add(of).add(to);
  return cells.filter(cell => kept.has(cell));
}
