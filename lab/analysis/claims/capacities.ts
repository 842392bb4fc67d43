import type { Cell, Experiment } from '../../experiment/experiment.ts';
import type { Measurement } from '../../experiment/trial-result.ts';
import type { PerSecond } from '../../experiment/units.ts';
import { capacityOf } from '../capacity.ts';
import type { ByBlock, Interval } from '../intervals.ts';
import { loadCurveOf } from '../load-curve.ts';
import { capacityRatio } from '../ratios.ts';
import type { Evidence, Figure, Judgement } from './claim.ts';
import { CONFIDENCE } from './evidence.ts';

const UNKNOWN: Interval = { estimate: Number.NaN, low: Number.NaN, high: Number.NaN };

/** Capacity of `of` ÷ that of `to`, paired by block; NaN when they have too few blocks in common. */
export function capacityRatioOf(of: Cell, to: Cell, { experiment, results }: Evidence): Interval {
  return capacityRatio(of, to, results, experiment, CONFIDENCE) ?? UNKNOWN;
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
  const sentence = `It takes the capacities of ${cells.join(' and ')} in the same four blocks or more, and those are not known.`;
  return { verdict: 'unmeasured', sentence, figures: figures.filter(({ estimate }) => Number.isFinite(estimate)) };
}
