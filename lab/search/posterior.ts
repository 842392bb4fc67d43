import type { Experiment } from '../../model/experiment.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import { likelihoodOf, spoiledLikelihoodOf } from './likelihood.ts';
import type { LoadPoint } from './load-curve.ts';
import { type Grid, gridOf, SATURATIONS } from './posterior-grid.ts';
import type { LightLook } from './saturation.ts';

/** What is known of a capacity: how probable each value is, after what the trials have shown. */
export interface Posterior {
  /** The q-quantile of the capacity. */
  quantile(q: Fraction): PerSecond;
  /** Of ln capacity, in all and as far as it comes from the one or the other not being known. */
  readonly deviation: { readonly total: number; readonly saturation: number; readonly burstiness: number };
  /** Its means, on the log scale. */
  readonly saturation: PerSecond;
  readonly saturationDeviation: number;
  readonly burstiness: number;
}

/**
 * The posterior of a cell's capacity, on a grid of saturation and burstiness (`queue-model.ts`). Each trial has a speed
 * of its own, by the noise of the machine; at that speed it shows how much was completed and whether it was carried. One
 * that the generator spoiled shows what was completed alone.
 */
export function posteriorOf(
  light: LightLook,
  { curve, spoiled }: { readonly curve: readonly LoadPoint[]; readonly spoiled: readonly LoadPoint[] },
  experiment: Experiment,
): Posterior {
  const grid = gridOf(light, experiment);
  const logs = grid.prior.slice();
  const likelihoods = [
    ...curve.map(point => likelihoodOf(point, grid, experiment)),
    ...spoiled.map(point => spoiledLikelihoodOf(point, grid, experiment)),
  ];
  for (const likelihood of likelihoods) {
    for (let index = 0; index < logs.length; index++) logs[index] = (logs[index] ?? 0) + (likelihood[index] ?? 0);
  }
  const most = logs.reduce((max, log) => Math.max(max, log));
  return summaryOf(
    grid,
    logs.map(log => Math.exp(log - most)),
  );
}

/** Of ln (μ ÷ C), and of ln C itself: what the model of the queue is wrong by, as simulations of all kinds show. */
const OF_CORRECTION = 0.35;
const OF_CAPACITY = 0.01;

/** Standard deviation of ln capacity that comes from the model of the queue being a model. */
export function modelDeviation(posterior: Posterior): number {
  return Math.hypot(OF_CAPACITY, OF_CORRECTION * Math.log(posterior.saturation / posterior.quantile(0.5)));
}

function summaryOf({ saturations, burstinesses, capacities }: Grid, weights: Float64Array): Posterior {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let mean = 0;
  let squares = 0;
  let saturation = 0;
  let saturationSquares = 0;
  let burstiness = 0;
  let between = 0;
  for (const [row, value] of burstinesses.entries()) {
    let rowWeight = 0;
    let rowSum = 0;
    for (let column = 0; column < SATURATIONS; column++) {
      const index = row * SATURATIONS + column;
      const weight = (weights[index] ?? 0) / total;
      const capacity = capacities[index] ?? 0;
      const logSaturation = saturations[column] ?? 0;
      rowWeight += weight;
      rowSum += weight * capacity;
      squares += weight * capacity ** 2;
      saturation += weight * logSaturation;
      saturationSquares += weight * logSaturation ** 2;
    }
    mean += rowSum;
    burstiness += rowWeight * Math.log(value);
    if (rowWeight > 0) between += rowSum ** 2 / rowWeight;
  }
  const variance = Math.max(0, squares - mean ** 2);
  const ofBurstiness = Math.min(variance, Math.max(0, between - mean ** 2));
  return {
    quantile: quantileOf(capacities, weights, total),
    deviation: {
      total: Math.sqrt(variance),
      saturation: Math.sqrt(variance - ofBurstiness),
      burstiness: Math.sqrt(ofBurstiness),
    },
    saturation: Math.exp(saturation),
    saturationDeviation: Math.sqrt(Math.max(0, saturationSquares - saturation ** 2)),
    burstiness: Math.exp(burstiness),
  };
}

function quantileOf(capacities: Float64Array, weights: Float64Array, total: number): (q: Fraction) => PerSecond {
  let order: number[] | undefined;
  return q => {
    order ??= [...capacities.keys()].sort((a, b) => (capacities[a] ?? 0) - (capacities[b] ?? 0));
    let below = 0;
    for (const index of order) {
      below += (weights[index] ?? 0) / total;
      if (below >= q) return Math.exp(capacities[index] ?? 0);
    }
    return Math.exp(capacities[order.at(-1) ?? 0] ?? 0);
  };
}
