import type { Cell, Experiment } from '../../model/experiment.ts';
import type { Measurement } from '../../model/measurement.ts';
import type { PerSecond } from '../../model/quantities.ts';
import {
  type ByBlock,
  exponential,
  type Interval,
  mean,
  normalQuantile,
  welchHalfWidth,
} from '../../model/statistics.ts';
import { capacityRatio } from '../compare/ratios.ts';
import { blockEstimates, capacityOf, LEAST_BLOCKS, sharedDeviation } from '../search/capacity.ts';

import { loadCurveOf } from '../search/load-curve.ts';
import type { Evidence, Figure, Judgement } from './claim.ts';
import { CLAIM_CONFIDENCE } from './evidence.ts';

const UNKNOWN: Interval = { estimate: Number.NaN, low: Number.NaN, high: Number.NaN };

/**
 * Capacity of `of` ÷ that of `to`: paired by block where enough blocks show both; where a disturbance has taken blocks
 * from one and others from the other, the two are compared as independent samples. NaN when neither can be.
 */
export function capacityRatioOf(of: Cell, to: Cell, { experiment, results }: Evidence): Interval {
  const paired = capacityRatio(of, to, results, experiment, CLAIM_CONFIDENCE);
  if (paired !== undefined) return paired;
  const [one = [], other = []] = [of, to].map(cell =>
    [...blockEstimates(cell, results, experiment).values()].map(Math.log),
  );
  if (one.length < LEAST_BLOCKS || other.length < LEAST_BLOCKS) return UNKNOWN;
  const shared = Math.hypot(...[of, to].map(cell => sharedDeviation(cell, results, experiment)));
  const half = Math.hypot(
    welchHalfWidth(one, other, CLAIM_CONFIDENCE),
    normalQuantile((1 + CLAIM_CONFIDENCE) / 2) * shared,
  );
  const difference = mean(one) - mean(other);
  return exponential({ estimate: difference, low: difference - half, high: difference + half });
}

/** What a cell carries, as far as that is known at all. */
export function roughCapacity(cell: Cell, { experiment, results }: Evidence): PerSecond | undefined {
  const capacity = capacityOf(cell, results, experiment);
  if (capacity.state === 'bracketed') return capacity.estimate;
  return capacity.state === 'at-least' ? capacity.low : undefined;
}

/** A value at capacity, block by block: from the trial of each that came nearest to it, on the log scale. */
export function atCapacity(
  cell: Cell,
  evidence: Evidence,
  read: (measurement: Measurement, experiment: Experiment) => number,
): ByBlock {
  const { experiment, results } = evidence;
  const capacity = roughCapacity(cell, evidence);
  if (capacity === undefined) return new Map();
  const distance = (arrivalRate: PerSecond) => Math.abs(Math.log(arrivalRate / capacity));
  const curve = loadCurveOf(cell, results, experiment.objective);
  // The nearest one is set last.
  const nearestLast = curve.toSorted((a, b) => distance(b.arrivalRate) - distance(a.arrivalRate));
  return new Map(nearestLast.map(({ trial, measurement }) => [trial.block, read(measurement, experiment)]));
}

/** A claim about capacities that are not known in enough blocks. */
export function capacitiesUnmeasured(cells: readonly string[], figures: readonly Figure[]): Judgement {
  const sentence = `It takes the capacities of ${cells.join(' and ')} in ${LEAST_BLOCKS} blocks at least, and those are not known.`;
  return { verdict: 'unmeasured', sentence, figures: figures.filter(({ estimate }) => Number.isFinite(estimate)) };
}
