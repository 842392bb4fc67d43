import type { Cell, Objective, Trial } from '../../model/experiment.ts';
import { countOverObjective } from '../../model/histogram.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import type { ServiceModel } from './service-model.ts';
import { simulateTrial } from './simulate-trial.ts';

interface TrueCapacityOptions {
  readonly cpus: number;
  readonly seed: number;
  /** Of the longest simulated runs; 2,000,000 by default. */
  readonly requests?: number;
  /** About where the capacity is. */
  readonly guess?: PerSecond;
  /** The largest error apart from chance; 0.0005 by default. */
  readonly precision?: Fraction;
}

/** Of a guess: so far below it a load is none. */
const LEAST_PART: Fraction = 0.02;
/** A first look is this much shorter, and is trusted this far. */
const FIRST_LOOK = { shorter: 40, within: 0.15 };

/**
 * The load at which, in the long run and without noise, just the allowed part of the requests takes longer than the
 * objective; 0 where too many do at any load. The same random numbers serve every load, so that results are monotonic.
 */
export function findTrueCapacity(
  cell: Cell,
  model: ServiceModel,
  objective: Objective,
  options: TrueCapacityOptions,
): PerSecond {
  const { requests = 2e6, precision = 0.0005 } = options;
  const carries = (arrivalRate: PerSecond, requests: number) =>
    overObjectiveAt(arrivalRate, requests, [cell, model, objective, options]) <= 1 - objective.quantile;
  const guess = options.guess ?? firstGuess(carries, requests / FIRST_LOOK.shorter);
  let [low, top] = [guess * (1 - FIRST_LOOK.within), guess * (1 + FIRST_LOOK.within)];
  while (!carries(low, requests)) {
    // A single request alone is over the objective too often.
    if (low < guess * LEAST_PART) return 0;
    low *= 1 - FIRST_LOOK.within;
  }
  while (top < guess / LEAST_PART && carries(top, requests)) top *= 1 + FIRST_LOOK.within;
  return bisect(low, top, precision, rate => carries(rate, requests));
}

/** No service carries more in a second. */
const HIGHEST: PerSecond = 1e8;

function firstGuess(carries: (arrivalRate: PerSecond, requests: number) => boolean, requests: number): PerSecond {
  let high = 2;
  while (high < HIGHEST && carries(high, Math.min(requests, 1000 * high))) high *= 2;
  return bisect(high / 2, high, FIRST_LOOK.within / 3, rate => carries(rate, requests));
}

function bisect(from: PerSecond, to: PerSecond, precision: Fraction, carries: (rate: PerSecond) => boolean): PerSecond {
  let [low, high] = [from, to];
  while (high / low > 1 + 2 * precision) {
    const middle = Math.sqrt(low * high);
    if (carries(middle)) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}

/** The part of a long run's requests that take longer than the objective; the run ends when they are surely too many. */
function overObjectiveAt(
  arrivalRate: PerSecond,
  requests: number,
  [cell, model, { quantile, responseTime }, { cpus, seed }]: Parameters<typeof findTrueCapacity>,
): Fraction {
  const phases = { warmUp: 20 * responseTime, steadyState: requests / arrivalRate, timeLimit: 10 * responseTime };
  const load = { model: 'open', arrivalRate } as const;
  const trial: Trial = { id: 'long', purpose: 'capacity', cell, load, phases, seed, block: 0, position: 0 };
  const most = requests * (1 - quantile) * 1.2 + 100;
  const { measurement } = simulateTrial(trial, model, {
    cpus,
    objective: responseTime,
    onProgress: ({ overObjective }) => (overObjective > most ? 'stop' : 'go-on'),
  });
  return measurement.stoppedEarly ? 1 : countOverObjective(measurement.responseTime) / measurement.scored;
}
