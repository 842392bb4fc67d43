import { isArticleSize } from '../experiment/cell.ts';
import type { Cell, Experiment } from '../experiment/experiment.ts';
import type { TrialResult } from '../experiment/trial-result.ts';
import { bestSizes } from './best-sizes.ts';
import { resultsOf } from './load-curve.ts';
import { readingsOf } from './readings.ts';

/** Trials after which the sizes of a topology are compared: a light one, one above and one below. */
const ENOUGH_TRIALS = 3;

/**
 * The cells that go on to be measured. With `sizes: best`, once every cell has been tried: of each topology the size that
 * carries most, the article's size, and those without which a reading of a ratio would be missing.
 */
export function contendersOf(results: readonly TrialResult[], experiment: Experiment): readonly Cell[] {
  const { cells, sizes } = experiment;
  const tried = cells.every(cell => resultsOf(cell, results).length >= ENOUGH_TRIALS);
  if (sizes === 'all' || !tried) return cells;
  const kept = new Set<Cell>(cells.filter(cell => isArticleSize(cell, experiment)));
  for (const { cell } of bestSizes(results, experiment)) kept.add(cell);
  for (const { of, to } of readingsOf(results, experiment)) kept.add(of).add(to);
  return cells.filter(cell => kept.has(cell));
}
