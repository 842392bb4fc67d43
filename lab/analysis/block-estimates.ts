import type { Cell, Experiment } from '../experiment/experiment.ts';
import type { TrialResult } from '../experiment/trial-result.ts';
import type { ByBlock } from './intervals.ts';
import { lightLookOf } from './light-look.ts';
import { loadCurveOf, resultsOf } from './load-curve.ts';
import { posteriorOf, waitLimitOf } from './posterior.ts';
import { capacityAt } from './queue-model.ts';
import { saturationReading } from './saturation-reading.ts';

/** A reading that is this uncertain (standard deviation of the logarithm) comes from too low a load to stand for a block. */
const SHARP = 0.03;

/**
 * The capacity that each block by itself shows: its saturation, by its own trials, with the burstiness that all blocks
 * show together. Blocks without a trial near saturation have none.
 */
export function blockEstimates(cell: Cell, results: readonly TrialResult[], experiment: Experiment): ByBlock {
  const own = resultsOf(cell, results);
  const light = lightLookOf(own, experiment);
  if (light === undefined) return new Map();
  const curve = loadCurveOf(cell, own, experiment.objective);
  const { burstiness } = posteriorOf(light, curve, experiment);
  const limit = waitLimitOf(light, experiment);
  const sums = new Map<number, { weight: number; sum: number }>();
  for (const point of curve) {
    const reading = saturationReading(point, experiment, light.burstiness);
    if (reading === undefined || reading.error > SHARP) continue;
    const weight = 1 / (reading.error ** 2 + experiment.noise.betweenTrials ** 2);
    const { block } = point.trial;
    const before = sums.get(block) ?? { weight: 0, sum: 0 };
    sums.set(block, { weight: before.weight + weight, sum: before.sum + weight * reading.logSaturation });
  }
  return new Map(
    [...sums].map(([block, { weight, sum }]) => [
      block,
      capacityAt({ saturation: Math.exp(sum / weight), burstiness }, limit),
    ]),
  );
}
