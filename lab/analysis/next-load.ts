import type { Cell, Experiment } from '../experiment/experiment.ts';
import type { TrialResult } from '../experiment/trial-result.ts';
import type { Fraction, PerSecond } from '../experiment/units.ts';
import { type LightLook, lightLookOf } from './light-look.ts';
import { type LoadPoint, loadCurveOf, resultsOf } from './load-curve.ts';
import { capacityPhases, lightLoad } from './phases.ts';
import type { SearchLoad } from './planned-trial.ts';
import { type Posterior, posteriorOf } from './posterior.ts';
import { saturationReading } from './saturation-reading.ts';

/** The next trial of a cell. */
export interface Step extends SearchLoad {
  /** How much there is to be learned: the standard deviation of ln capacity; infinite while a part of the answer is missing. */
  readonly doubt: number;
}

/** A capacity that is known this well (standard deviation of its logarithm) is left to the noise of the machine. */
const CONTENT = 0.02;
/** Completed trials after which a cell's capacity is taken as it is. */
export const MOST_TRIALS = 8;
/** A trial that is invalid, or fails, is repeated twice at most. */
const MOST_ATTEMPTS = 3;
/** Trials after which a cell that has carried nothing is taken to carry nothing. */
export const MOST_MISSES = 5;

/** The least that a load above saturation lies above it. */
const CLEARLY_ABOVE: Fraction = 0.05;
/** Standard deviations of the arrivals of a warm-up: then a queue has built up before the steady state begins. */
const SURE_QUEUE = 2.5;
/** Of ln saturation: far above it a service does things that it does not do near it. */
const MOST_DOUBT = 0.15;
/** From here on a load says that the cell carries nearly as much as is claimed. */
const NEAR: Fraction = 0.75;
/** From the light load to the first one: so far away a guess may be wrong by any factor. */
const LONGEST_STRIDE = 100;
/** Step downwards where nothing was carried. */
const LEAP = 2.5;

/** What to try next on a cell; `undefined` when it is done. */
export function nextStepOf(cell: Cell, results: readonly TrialResult[], experiment: Experiment): Step | undefined {
  const own = resultsOf(cell, results);
  if (isGivenUp(own)) return undefined;
  const light = lightLookOf(own, experiment);
  if (light === undefined) {
    return { purpose: 'light', arrivalRate: lightLoad(cell), describes: false, doubt: Number.POSITIVE_INFINITY };
  }
  const curve = loadCurveOf(cell, own, experiment.objective);
  if (curve.length >= MOST_TRIALS || isHopeless(curve)) return undefined;
  const posterior = posteriorOf(light, curve, experiment);
  const missing = missingLoad(curve, lightLoad(cell), posterior, experiment);
  const doubt = missing === undefined ? posterior.deviation.total : Number.POSITIVE_INFINITY;
  if (doubt <= CONTENT) return undefined;
  const last = own.at(-1);
  if (last && last.state !== 'completed' && last.trial.purpose === 'capacity' && last.trial.load.model === 'open') {
    return { purpose: 'capacity', arrivalRate: last.trial.load.arrivalRate, describes: curve.length === 0, doubt };
  }
  return {
    purpose: 'capacity',
    arrivalRate: missing ?? narrowingLoad(curve, light, posterior, experiment),
    describes: curve.length === 0,
    doubt,
  };
}

/** Whether none of a cell's last trials was completed, or none of its light looks answered, as often as they are repeated. */
export function isGivenUp(own: readonly TrialResult[]): boolean {
  const fails = own.length >= MOST_ATTEMPTS && own.slice(-MOST_ATTEMPTS).every(({ state }) => state !== 'completed');
  return fails || answersNothing(own);
}

/** Whether a cell has not answered a single request at hardly any load, as often as it is asked. */
export function answersNothing(own: readonly TrialResult[]): boolean {
  const looks = own.filter(({ state, trial }) => state === 'completed' && trial.purpose === 'light');
  const isSilent = (look: TrialResult) =>
    look.state === 'completed' && look.measurement.responseTimeFromSend.count === 0;
  return looks.length >= MOST_ATTEMPTS && looks.every(isSilent);
}

/** Whether the cell has missed the objective at so many loads, and met it at none, that it is taken to meet it nowhere. */
export function isHopeless(curve: readonly LoadPoint[]): boolean {
  return curve.length >= MOST_MISSES && curve.every(({ verdict }) => !verdict.met);
}

/**
 * A load that uses the deployment up for the whole steady state, and not by much more than that takes: what is
 * completed then is the saturation itself.
 */
export function loadAbove(
  { saturation, saturationDeviation, burstiness }: Posterior,
  experiment: Experiment,
): PerSecond {
  const { warmUp, steadyState } = capacityPhases(saturation, experiment);
  const surely = Math.max(
    CLEARLY_ABOVE,
    SURE_QUEUE * Math.sqrt(burstiness / (saturation * warmUp)),
    // The backlog is over the objective long before the end.
    (2 * experiment.objective.responseTime) / (warmUp + steadyState),
  );
  return saturation * Math.exp(Math.min(MOST_DOUBT, saturationDeviation)) * (1 + surely);
}

/** The load without which a curve says too little: one at half, one above, and one that is nearly all that is carried. */
function missingLoad(
  curve: readonly LoadPoint[],
  light: PerSecond,
  posterior: Posterior,
  experiment: Experiment,
): PerSecond | undefined {
  if (curve.length === 0) return Math.min(posterior.quantile(0.5) / 2, LONGEST_STRIDE * light);
  if (curve.every(({ verdict }) => verdict.met)) return loadAbove(posterior, experiment);
  const likely = posterior.quantile(0.5);
  if (curve.some(({ verdict, arrivalRate }) => verdict.met && arrivalRate >= NEAR * likely)) return undefined;
  const below = posterior.quantile(0.15);
  const lowest = curve[0]?.arrivalRate ?? below;
  return curve.some(({ verdict }) => verdict.met) ? below : Math.min(below, lowest / LEAP);
}

/** A reading with this standard deviation, or more, was not worth its trial. */
const BLURRED = 0.1;

/**
 * Where the next trial narrows the posterior most: above saturation by what it completes, at capacity by whether it is
 * carried. A deployment that collapses when it is overloaded tells nothing above.
 */
function narrowingLoad(
  curve: readonly LoadPoint[],
  light: LightLook,
  posterior: Posterior,
  experiment: Experiment,
): PerSecond {
  const { saturation, burstiness } = posterior.deviation;
  const readings = curve
    .filter(({ verdict }) => !verdict.met)
    .map(point => saturationReading(point, experiment, light.burstiness)?.error ?? BLURRED);
  const collapses = readings.every(error => error >= BLURRED);
  return collapses || burstiness > saturation ? posterior.quantile(0.5) : loadAbove(posterior, experiment);
}
