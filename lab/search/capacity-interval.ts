import type { Cell, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { CONFIDENCE, exponential, type Interval, meanInterval, normalQuantile } from '../../model/statistics.ts';
import { blockEstimates, sharedDeviation } from './block-estimates.ts';
import { knowledgeOf } from './knowledge.ts';
import { modelDeviation } from './posterior.ts';
import { noiseAt } from './saturation-reading.ts';

/** Where an interval comes from: the differences between blocks, or a model of the queue and the noise of the machine. */
export interface CapacityInterval extends Interval {
  readonly interval: '95 %' | 'model';
}

/** Blocks from which a t-interval is taken. */
export const LEAST_BLOCKS = 4;
const z = normalQuantile((1 + CONFIDENCE) / 2);

/** The interval that holds the capacity of a cell, which has had its light trial, with a probability of 95 %. */
export function capacityInterval(
  cell: Cell,
  results: readonly TrialResult[],
  experiment: Experiment,
): CapacityInterval {
  const blocks = experiment.blocks < LEAST_BLOCKS ? [] : [...blockEstimates(cell, results, experiment).values()];
  return blocks.length < LEAST_BLOCKS
    ? { ...modelInterval(cell, results, experiment), interval: 'model' }
    : { ...betweenBlocks(blocks, sharedDeviation(cell, results, experiment)), interval: '95 %' };
}

function betweenBlocks(blocks: readonly number[], shared: number): Interval {
  return widened(meanInterval(blocks.map(Math.log)), shared);
}

function modelInterval(cell: Cell, results: readonly TrialResult[], experiment: Experiment): Interval {
  const known = knowledgeOf(cell, results, experiment);
  if (known === undefined) throw new RangeError('a cell with a curve has had its light trial');
  const { light, curve, spoiled, posterior } = known;
  const at = (q: number) => Math.log(posterior.quantile(q));
  const interval = { estimate: at(0.5), low: at((1 - CONFIDENCE) / 2), high: at((1 + CONFIDENCE) / 2) };
  // What one start of the workers, or few of them, says nothing of: how the next one will do.
  const points = [...curve, ...spoiled];
  const starts = experiment.blocks > 1 ? new Set(points.map(({ trial }) => trial.block)).size : 1;
  const { betweenBlocks } = experiment.noise;
  const noise = Math.max(betweenBlocks, ...points.map(point => noiseAt(point, betweenBlocks, light)));
  const start = noise / Math.sqrt(Math.max(1, starts));
  return widened(interval, Math.hypot(start, modelDeviation(posterior)));
}

/** An interval of a logarithm with a deviation besides, as an interval of the value itself. */
function widened({ estimate, low, high }: Interval, deviation: number): Interval {
  return exponential({
    estimate,
    low: estimate - Math.hypot(estimate - low, z * deviation),
    high: estimate + Math.hypot(high - estimate, z * deviation),
  });
}
