import type { Experiment } from '../../model/experiment.ts';
import type { Measurement } from '../../model/measurement.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import { capacityAt, normalDensity, passProbability, type QueueModel, type WaitLimit } from './queue-model.ts';
import type { LightLook } from './saturation.ts';
import { noiseAt, type ReadPoint, type SaturationReading } from './saturation-reading.ts';

/** How probable each value of a capacity is, after what the trials have shown. */
export interface Posterior {
  /** The q-quantile of the capacity. */
  quantile(q: Fraction): PerSecond;
  /** Standard deviation of ln capacity: in all, and the parts from an unknown saturation and an unknown burstiness. */
  readonly deviation: { readonly total: number; readonly saturation: number; readonly burstiness: number };
  /** Means, on the log scale. */
  readonly saturation: PerSecond;
  readonly saturationDeviation: number;
  readonly burstiness: number;
}

/** ln μ reaches from this far below to this far above what the light look lets expect. */
const BELOW = 2.5;
const ABOVE = 2;
/** The distance of points, in ln μ. */
const STEP = 0.01;
/** Points of a row. */
const SATURATIONS = Math.round((BELOW + ABOVE) / STEP) + 1;
/** Multiples of the burstiness that the light look lets expect. */
const BURSTINESSES = [0.4, 0.53, 0.7, 0.85, 1, 1.2, 1.5, 2, 3, 5, 8, 13, 20];

/** ln μ ÷ expected: a normal with this deviation and that of a mean of few requests, or at times anything within reach. */
const EXPECTED_WITHIN = 0.2;
const UNEXPECTED: Fraction = 0.2;
/** ln v ÷ expected, likewise. */
const BURSTINESS_WITHIN = 0.3;
const BURSTINESS_UNEXPECTED_WITHIN = 1.2;
const BURSTINESS_UNEXPECTED: Fraction = 0.1;

/** Of a hidden deployment: a grid from below what it completes one at a time, and how often something unseen is used up first. */
const BELOW_ONE = 1;
const UNSEEN: Fraction = 0.4;
const MOST_REACH = 10;

/** Saturations in rows of burstinesses: point [b × SATURATIONS + s]. */
interface Grid {
  readonly limit: WaitLimit;
  readonly saturations: Float64Array;
  /** How far the saturations reach, and the distance between two of them, in ln μ. */
  readonly reach: number;
  readonly step: number;
  readonly burstinesses: readonly number[];
  readonly light: LightLook;
  /** ln of the prior. */
  readonly prior: Float64Array;
  /** ln of the capacities. */
  readonly capacities: Float64Array;
}

/**
 * Computes the posterior of a cell's capacity on a grid of saturation and burstiness (`queue-model.ts`). Each trial has a
 * speed of its own, by the noise of the machine; at that speed it shows its throughput and whether it was carried. A
 * trial that the generator spoiled shows its throughput alone.
 */
export function computePosterior(
  light: LightLook,
  curve: readonly ReadPoint[],
  spoiled: readonly ReadPoint[],
  experiment: Experiment,
): Posterior {
  const grid = gridFor(light, experiment);
  const logs = grid.prior.slice();
  const likelihoods = [
    ...curve.map(point =>
      computeLikelihood(point, grid, experiment, model => {
        const pass = passProbability(model, point.arrivalRate, point.trial.phases, grid.limit);
        return point.verdict.met ? pass : 1 - pass;
      }),
    ),
    ...spoiled.map(point => computeLikelihood(point, grid, experiment, () => 1)),
  ];
  for (const likelihood of likelihoods) {
    for (let index = 0; index < logs.length; index++) logs[index] = (logs[index] ?? 0) + (likelihood[index] ?? 0);
  }
  const most = logs.reduce((max, log) => Math.max(max, log));
  return summarize(
    grid,
    logs.map(log => Math.exp(log - most)),
  );
}

/** Errors of the queue model, as simulations show: of ln (μ ÷ C), and of ln C itself. */
const CORRECTION_ERROR = 0.35;
const CAPACITY_ERROR = 0.01;

/** Standard deviation of ln capacity that comes from the error of the queue model. */
export function modelDeviation(posterior: Posterior): number {
  return Math.hypot(CAPACITY_ERROR, CORRECTION_ERROR * Math.log(posterior.saturation / posterior.quantile(0.5)));
}

/** How long a request may wait on a deployment. */
export function deriveWaitLimit({ responseTime }: LightLook, { objective }: Experiment): WaitLimit {
  // If the work itself takes all the time there is, next to nothing is left for waiting.
  const wait = Math.max(0.02 * objective.responseTime, objective.responseTime - responseTime);
  return { wait, overFraction: 1 - objective.quantile };
}

const grids = new WeakMap<LightLook, Grid>();

/** The grid of a cell, around what its light look lets expect, with the prior. */
function gridFor(light: LightLook, experiment: Experiment): Grid {
  const known = grids.get(light);
  if (known) return known;
  const limit = deriveWaitLimit(light, experiment);
  const middle = Math.log(light.saturation);
  const below = light.hidden ? middle - Math.log(light.throughput) + BELOW_ONE : BELOW;
  const reach = light.hidden ? Math.min(MOST_REACH, Math.max(BELOW, below) + ABOVE) : BELOW + ABOVE;
  const step = light.hidden ? reach / (SATURATIONS - 1) : STEP;
  const saturations = Float64Array.from({ length: SATURATIONS }, (_, index) => middle - below + index * step);
  const burstinesses = BURSTINESSES.map(multiple => multiple * light.burstiness);
  const unseen = light.hidden ? UNSEEN : 0;
  const within = Math.hypot(EXPECTED_WITHIN, Math.sqrt((light.burstiness - 1) / light.requests));
  const prior = new Float64Array(SATURATIONS * burstinesses.length);
  const capacities = new Float64Array(prior.length);
  for (const [row, multiple] of BURSTINESSES.entries()) {
    const log = Math.log(multiple);
    // By the width of its step, since the steps differ.
    const width = (Math.log(BURSTINESSES[row + 1] ?? multiple) - Math.log(BURSTINESSES[row - 1] ?? multiple)) / 2;
    const probability =
      width *
      ((1 - BURSTINESS_UNEXPECTED) * normalDensity(log, BURSTINESS_WITHIN) +
        BURSTINESS_UNEXPECTED * normalDensity(log, BURSTINESS_UNEXPECTED_WITHIN));
    for (let column = 0; column < SATURATIONS; column++) {
      const distance = column * step - below;
      const index = row * SATURATIONS + column;
      const seen = (1 - UNEXPECTED) * normalDensity(distance, within) + UNEXPECTED / reach;
      const expected = (1 - unseen) * seen + (distance < 0 ? unseen / below : 0);
      prior[index] = Math.log(probability * expected);
      const saturation = Math.exp(saturations[column] ?? 0);
      capacities[index] = Math.log(capacityAt({ saturation, burstiness: burstinesses[row] ?? 1 }, limit));
    }
  }
  const grid = { limit, saturations, reach, step, burstinesses, light, prior, capacities };
  grids.set(light, grid);
  return grid;
}

/** How often a trial says nothing, as when the machine pauses. */
const MISLED: Fraction = 0.03;

/** Keeps each trial's likelihood: a search asks for it again after every trial. */
const likelihoods = new WeakMap<Measurement, { readonly grid: Grid; readonly logs: Float64Array }>();

/** ln ∫ N(ε; 0, noise) N(reading; ln μ + ε, error) P(outcome | μ e^ε, v) dε for each μ and v. */
function computeLikelihood(
  point: ReadPoint,
  grid: Grid,
  { noise, blocks }: Experiment,
  outcome: (model: QueueModel) => Fraction,
): Float64Array {
  const known = likelihoods.get(point.measurement);
  if (known?.grid === grid) return known.logs;
  const { saturations, burstinesses, reach, step, light } = grid;
  // Trials of several blocks have their workers' starts between them as well.
  const ofSpeed = blocks > 1 ? Math.hypot(noise.betweenTrials, noise.betweenBlocks) : noise.betweenTrials;
  const kernel = makeKernel(noiseAt(point, ofSpeed, light), step);
  const half = (kernel.length - 1) / 2;
  const first = saturations[0] ?? 0;
  const logs = new Float64Array(burstinesses.length * SATURATIONS);
  for (const [row, burstiness] of burstinesses.entries()) {
    const atSpeed = Float64Array.from({ length: SATURATIONS + 2 * half }, (_, index) => {
      const logSaturation = first + (index - half) * step;
      return (
        outcome({ saturation: Math.exp(logSaturation), burstiness }) *
        readingDensity(point.reading, logSaturation, { reach, step })
      );
    });
    for (let column = 0; column < SATURATIONS; column++) {
      let sum = 0;
      for (let offset = 0; offset < kernel.length; offset++) {
        sum += (kernel[offset] ?? 0) * (atSpeed[column + offset] ?? 0);
      }
      logs[row * SATURATIONS + column] = Math.log((1 - MISLED) * sum + (MISLED * 0.5) / reach);
    }
  }
  likelihoods.set(point.measurement, { grid, logs });
  return logs;
}

function readingDensity(
  reading: SaturationReading | undefined,
  logSaturation: number,
  { reach, step }: Pick<Grid, 'reach' | 'step'>,
): number {
  if (reading === undefined) return 1 / reach;
  // A reading that is sharper than the grid would fall between its points.
  return normalDensity(reading.logSaturation - logSaturation, Math.max(0.6 * step, reading.error));
}

function makeKernel(deviation: number, step: number): number[] {
  const half = Math.max(1, Math.ceil((3 * deviation) / step));
  const weights = Array.from({ length: 2 * half + 1 }, (_, index) => normalDensity((index - half) * step, deviation));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map(weight => weight / total);
}

function summarize({ saturations, burstinesses, capacities }: Grid, weights: Float64Array): Posterior {
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
  let order: number[] | undefined;
  return {
    quantile(q) {
      order ??= [...capacities.keys()].sort((a, b) => (capacities[a] ?? 0) - (capacities[b] ?? 0));
      let below = 0;
      const at = order.find(index => {
        below += (weights[index] ?? 0) / total;
        return below >= q;
      });
      return Math.exp(capacities[at ?? order.at(-1) ?? 0] ?? 0);
    },
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
