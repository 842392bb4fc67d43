import type { Experiment } from '../../model/experiment.ts';
import type { Fraction } from '../../model/quantities.ts';
import { normalDensity } from './normal.ts';
import { capacityAt, type WaitLimit } from './queue-model.ts';
import type { LightLook } from './saturation.ts';

/** ln μ from this far below to this far above what the light look lets expect: service demand may fall less than expected. */
const BELOW = 2.5;
const ABOVE = 2;
/** The distance of points, in ln μ. */
const STEP = 0.01;
/** Points of a row. */
export const SATURATIONS = Math.round((BELOW + ABOVE) / STEP) + 1;
/** Multiples of the burstiness that the light look lets expect. */
const BURSTINESSES = [0.4, 0.53, 0.7, 0.85, 1, 1.2, 1.5, 2, 3, 5, 8, 13, 20];

/** ln μ ÷ expected: a normal with this deviation beside that of a mean of so few requests, or, one time in five, anything within reach. */
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

/** Saturations in rows of burstinesses: cell [b × SATURATIONS + s]. */
export interface Grid {
  readonly limit: WaitLimit;
  readonly saturations: Float64Array;
  /** How far they reach, in ln μ, and the distance between two of them. */
  readonly reach: number;
  readonly step: number;
  readonly burstinesses: readonly number[];
  readonly light: LightLook;
  /** ln of the prior. */
  readonly prior: Float64Array;
  readonly capacities: Float64Array;
}

const grids = new WeakMap<LightLook, Grid>();

/** The grid of a cell, around what its light look lets expect, with the prior. */
export function gridOf(light: LightLook, experiment: Experiment): Grid {
  const known = grids.get(light);
  if (known) return known;
  const limit = waitLimitOf(light, experiment);
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

/** What a request may wait for on a deployment. */
export function waitLimitOf({ responseTime }: LightLook, { objective }: Experiment): WaitLimit {
  // Where the work itself takes all the time there is, what is left for waiting is next to nothing.
  const wait = Math.max(0.02 * objective.responseTime, objective.responseTime - responseTime);
  return { wait, overFraction: 1 - objective.quantile };
}
