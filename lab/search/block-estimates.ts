import type { Cell, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { ByBlock } from '../../model/statistics.ts';
import { knowledgeOf } from './knowledge.ts';
import { modelDeviation } from './posterior.ts';
import { waitLimitOf } from './posterior-grid.ts';
import { capacityAt } from './queue-model.ts';
import { saturationReading, spoiledReading } from './saturation-reading.ts';

/** A reading that is this uncertain (standard deviation of the logarithm) comes from too low a load to stand for a block. */
const SHARP = 0.1;

/**
 * The capacity that each block by itself shows: its saturation, by its own trials, with the burstiness that all blocks
 * show together. Blocks without a trial near saturation have none.
 */
export function blockEstimates(cell: Cell, results: readonly TrialResult[], experiment: Experiment): ByBlock {
  return blocksOf(cell, results, experiment).estimates;
}

/** What all blocks share, and their differences do not show: standard deviation of ln capacity. */
export function sharedDeviation(cell: Cell, results: readonly TrialResult[], experiment: Experiment): number {
  return blocksOf(cell, results, experiment).shared;
}

function blocksOf(
  cell: Cell,
  results: readonly TrialResult[],
  experiment: Experiment,
): { estimates: ByBlock; shared: number } {
  const known = knowledgeOf(cell, results, experiment);
  if (known === undefined) return { estimates: new Map(), shared: 0 };
  const { light, curve, spoiled, posterior } = known;
  const { burstiness, deviation } = posterior;
  const limit = waitLimitOf(light, experiment);
  const sums = new Map<number, { weight: number; sum: number; errors: number }>();
  const readings = [
    ...curve.map(point => ({ point, reading: saturationReading(point, experiment, light) })),
    ...spoiled.map(point => ({ point, reading: spoiledReading(point, experiment, light) })),
  ];
  for (const { point, reading } of readings) {
    if (reading === undefined || reading.error > SHARP) continue;
    const weight = 1 / (reading.error ** 2 + experiment.noise.betweenTrials ** 2);
    const { block } = point.trial;
    const before = sums.get(block) ?? { weight: 0, sum: 0, errors: 0 };
    sums.set(block, {
      weight: before.weight + weight,
      sum: before.sum + weight * reading.logSaturation,
      errors: before.errors + weight * reading.extrapolated,
    });
  }
  const estimates = new Map(
    [...sums].map(([block, { weight, sum }]) => [
      block,
      capacityAt({ saturation: Math.exp(sum / weight), burstiness }, limit),
    ]),
  );
  // How a demand falls from the load of a reading to saturation is the same in every block, and so is its error.
  const errors = [...sums.values()].map(({ weight, errors }) => errors / weight);
  const extrapolation = errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length);
  return { estimates, shared: Math.hypot(deviation.burstiness, extrapolation, modelDeviation(posterior)) };
}
