import type { Experiment } from '../experiment/experiment.ts';
import type { Measurement } from '../experiment/trial-result.ts';
import type { Fraction, PerSecond } from '../experiment/units.ts';
import type { LightLook } from './light-look.ts';
import type { LoadPoint } from './load-curve.ts';
import { capacityAt, passProbability, type WaitLimit } from './queue-model.ts';
import { type SaturationReading, saturationReading } from './saturation-reading.ts';

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

/** ln μ from this far below to this far above what the light look lets expect: service demand may fall less than expected. */
const BELOW = 2.5;
const ABOVE = 1.2;
const REACH = BELOW + ABOVE;
const STEP = 0.01;
const SATURATIONS = Math.round(REACH / STEP) + 1;
/** Multiples of the burstiness that the light look lets expect. */
const BURSTINESSES = [0.4, 0.53, 0.7, 0.85, 1, 1.2, 1.5, 2, 3, 5, 8, 13, 20];

/** ln μ ÷ expected: a normal with this deviation beside that of a mean of so few requests, or, one time in five, anything within reach. */
const EXPECTED_WITHIN = 0.2;
const UNEXPECTED: Fraction = 0.2;
/** ln v ÷ expected, likewise. */
const BURSTINESS_WITHIN = 0.3;
const BURSTINESS_UNEXPECTED_WITHIN = 1.2;
const BURSTINESS_UNEXPECTED: Fraction = 0.1;
/** A trial is worth nothing now and then: a pause of the machine fails any load. */
const MISLED: Fraction = 0.03;

/**
 * The posterior of a cell's capacity, on a grid of saturation and burstiness (`queue-model.ts`). Each trial has a speed
 * of its own, by the noise of the machine; at that speed it shows how much was completed and whether it was carried.
 */
export function posteriorOf(light: LightLook, curve: readonly LoadPoint[], experiment: Experiment): Posterior {
  const grid = gridOf(light, experiment);
  const logs = grid.prior.slice();
  for (const point of curve) {
    const likelihood = likelihoodOf(point, grid, experiment);
    for (let index = 0; index < logs.length; index++) logs[index] = (logs[index] ?? 0) + (likelihood[index] ?? 0);
  }
  const most = logs.reduce((max, log) => Math.max(max, log));
  return summaryOf(
    grid,
    logs.map(log => Math.exp(log - most)),
  );
}

/** Of ln (μ ÷ C), and of ln C itself: what the model of the queue is wrong by, as simulations of all kinds show. */
const OF_CORRECTION = 0.25;
const OF_CAPACITY = 0.01;

/** Standard deviation of ln capacity that comes from the model of the queue being a model. */
export function modelDeviation(posterior: Posterior): number {
  return Math.hypot(OF_CAPACITY, OF_CORRECTION * Math.log(posterior.saturation / posterior.quantile(0.5)));
}

/** What a request may wait for on a deployment. */
export function waitLimitOf({ responseTime }: LightLook, { objective }: Experiment): WaitLimit {
  // Where the work itself takes all the time there is, what is left for waiting is next to nothing.
  const wait = Math.max(0.02 * objective.responseTime, objective.responseTime - responseTime);
  return { wait, overFraction: 1 - objective.quantile };
}

/** Saturations in rows of burstinesses: cell [b × SATURATIONS + s]. */
interface Grid {
  readonly limit: WaitLimit;
  readonly saturations: Float64Array;
  readonly burstinesses: readonly number[];
  readonly light: LightLook;
  /** ln of the prior. */
  readonly prior: Float64Array;
  readonly capacities: Float64Array;
}

const grids = new WeakMap<LightLook, Grid>();

function gridOf(light: LightLook, experiment: Experiment): Grid {
  const known = grids.get(light);
  if (known) return known;
  const limit = waitLimitOf(light, experiment);
  const middle = Math.log(light.saturation);
  const saturations = Float64Array.from({ length: SATURATIONS }, (_, index) => middle - BELOW + index * STEP);
  const burstinesses = BURSTINESSES.map(multiple => multiple * light.burstiness);
  const within = Math.hypot(EXPECTED_WITHIN, Math.sqrt((light.burstiness - 1) / light.requests));
  const prior = new Float64Array(SATURATIONS * burstinesses.length);
  const capacities = new Float64Array(prior.length);
  for (const [row, multiple] of BURSTINESSES.entries()) {
    const log = Math.log(multiple);
    // By the width of its step, since the steps differ.
    const width = (Math.log(BURSTINESSES[row + 1] ?? multiple) - Math.log(BURSTINESSES[row - 1] ?? multiple)) / 2;
    const probability =
      width *
      ((1 - BURSTINESS_UNEXPECTED) * density(log, BURSTINESS_WITHIN) +
        BURSTINESS_UNEXPECTED * density(log, BURSTINESS_UNEXPECTED_WITHIN));
    for (let column = 0; column < SATURATIONS; column++) {
      const distance = column * STEP - BELOW;
      const index = row * SATURATIONS + column;
      const expected = (1 - UNEXPECTED) * density(distance, within) + UNEXPECTED / REACH;
      prior[index] = Math.log(probability * expected);
      const saturation = Math.exp(saturations[column] ?? 0);
      capacities[index] = Math.log(capacityAt({ saturation, burstiness: burstinesses[row] ?? 1 }, limit));
    }
  }
  const grid = { limit, saturations, burstinesses, light, prior, capacities };
  grids.set(light, grid);
  return grid;
}

/** A trial's likelihood does not change: a search asks for it again after every trial. */
const likelihoods = new WeakMap<Measurement, { readonly grid: Grid; readonly logs: Float64Array }>();

function likelihoodOf(point: LoadPoint, grid: Grid, experiment: Experiment): Float64Array {
  const known = likelihoods.get(point.measurement);
  if (known?.grid === grid) return known.logs;
  const logs = newLikelihood(point, grid, experiment);
  likelihoods.set(point.measurement, { grid, logs });
  return logs;
}

/** ln ∫ N(ε; 0, noise) N(reading; ln μ + ε, error) P(outcome | μ e^ε, v) dε for each μ and v. */
function newLikelihood(point: LoadPoint, grid: Grid, experiment: Experiment): Float64Array {
  const { saturations, burstinesses, limit, light } = grid;
  const { arrivalRate, trial, verdict } = point;
  const reading = saturationReading(point, experiment, light.burstiness);
  const kernel = kernelOf(noiseOf(experiment));
  const half = (kernel.length - 1) / 2;
  const first = saturations[0] ?? 0;
  const logs = new Float64Array(burstinesses.length * SATURATIONS);
  for (const [row, burstiness] of burstinesses.entries()) {
    const atSpeed = Float64Array.from({ length: SATURATIONS + 2 * half }, (_, index) => {
      const logSaturation = first + (index - half) * STEP;
      const saturation = Math.exp(logSaturation);
      const pass = passProbability({ saturation, burstiness }, arrivalRate, trial.phases, limit);
      return (verdict.met ? pass : 1 - pass) * readingDensity(reading, logSaturation);
    });
    for (let column = 0; column < SATURATIONS; column++) {
      let sum = 0;
      for (let offset = 0; offset < kernel.length; offset++) {
        sum += (kernel[offset] ?? 0) * (atSpeed[column + offset] ?? 0);
      }
      logs[row * SATURATIONS + column] = Math.log((1 - MISLED) * sum + (MISLED * 0.5) / REACH);
    }
  }
  return logs;
}

/** Between trials of one run; those of several blocks have their workers' starts between them as well. */
function noiseOf({ noise, blocks }: Experiment): number {
  return blocks > 1 ? Math.hypot(noise.betweenTrials, noise.betweenBlocks) : noise.betweenTrials;
}

function readingDensity(reading: SaturationReading | undefined, logSaturation: number): number {
  if (reading === undefined) return 1 / REACH;
  // A reading that is sharper than the grid would fall between its points.
  return density(reading.logSaturation - logSaturation, Math.max(0.6 * STEP, reading.error));
}

function kernelOf(deviation: number): number[] {
  const half = Math.max(1, Math.ceil((3 * deviation) / STEP));
  const weights = Array.from({ length: 2 * half + 1 }, (_, index) => density((index - half) * STEP, deviation));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map(weight => weight / total);
}

function density(x: number, deviation: number): number {
  return Math.exp(-((x / deviation) ** 2) / 2) / (deviation * Math.sqrt(2 * Math.PI));
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
