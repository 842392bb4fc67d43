import type { Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import {
  type CellState,
  isGivenUp,
  isHopeless,
  isSaturationSeen,
  isSharp,
  isSpoiledLoad,
  type KnownCell,
  limitToOffered,
  lowestLoad,
} from './cell-state.ts';
import type { Posterior } from './posterior.ts';
import { capacityPhases, type SearchLoad } from './trial-plan.ts';

/**
 * The next trial of a cell. `doubt`: how much there is to be learned, the standard deviation of ln capacity; infinite
 * while a part of the answer is missing.
 */
type Step = SearchLoad & { readonly doubt: number };

/** A capacity that is known this well (standard deviation of its logarithm) is left to the noise of the machine. */
const CONTENT = 0.02;
/** The search of a cell ends after this many completed trials, or this many with the spoiled ones. */
export const MOST_TRIALS = 8;
const MOST_IN_ALL = 12;

/** The least that a load above saturation lies above it. */
const CLEARLY_ABOVE: Fraction = 0.05;
/** Standard deviations of the arrivals of a warm-up: then a queue has built up before the steady state begins. */
const SURE_QUEUE = 2.5;
/** Of ln saturation: far above it a service does things that it does not do near it. */
const MOST_DOUBT = 0.15;
/** Part of the likely capacity from which on a carried load says that the rest is carried too. */
const NEAR: Fraction = 0.75;
/** Times the light load: further away a guess may be wrong by any factor. */
const LONGEST_STRIDE = 100;
/** Step downwards if nothing was carried. */
const LEAP = 2.5;
/** Step upwards from a carried load that was meant to be too much, to the power of how many there were. */
const RISE = 1.1;
/** A reading with this standard deviation, or more, was not worth its trial. */
const BLURRED = 0.1;

/** Chooses what to try next on a cell; `undefined` if its search is done. */
export function nextStep(state: CellState): Step | undefined {
  if (isGivenUp(state)) return undefined;
  if (state.posterior === undefined) return { purpose: 'light', doubt: Number.POSITIVE_INFINITY };
  const { own, curve, spoiled, posterior } = state;
  if (curve.length >= MOST_TRIALS || curve.length + spoiled.length >= MOST_IN_ALL || isHopeless(state))
    return undefined;
  const missing = missingLoad(state);
  const doubt = missing === undefined ? posterior.deviation.total : Number.POSITIVE_INFINITY;
  if (doubt <= CONTENT) return undefined;
  const arrivalRate =
    loadToRepeat(own) ??
    limitToOffered(missing ?? narrowingLoad(state), state) ??
    (isSaturationSeen(state) ? limitToOffered(posterior.quantile(0.5), state) : undefined);
  if (arrivalRate === undefined) return undefined;
  return { purpose: 'capacity', arrivalRate, describes: curve.length === 0, doubt };
}

/** The load of the last trial, if it failed or the machine disturbed it. */
function loadToRepeat(own: readonly TrialResult[]): PerSecond | undefined {
  const last = own.at(-1);
  if (last === undefined || last.state === 'completed' || isSpoiledLoad(last)) return undefined;
  const { purpose, load } = last.trial;
  return purpose === 'capacity' && load.model === 'open' ? load.arrivalRate : undefined;
}

/** A load that uses the deployment up for the whole steady state, by little: its throughput is the saturation. */
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
function missingLoad(state: KnownCell): PerSecond | undefined {
  const { curve, posterior, experiment, light } = state;
  const [lowest, highest] = [curve[0]?.arrivalRate, curve.at(-1)?.arrivalRate];
  const likely = posterior.quantile(0.5);
  if (lowest === undefined || highest === undefined) return Math.min(likely / 2, LONGEST_STRIDE * lowestLoad(state));
  const missed = curve.filter(({ verdict }) => !verdict.met);
  // The first guess for a hidden cell may be far too high, and far above saturation little is seen of it.
  if (light.hidden && missed.length === 1 && !missed.some(isSharp)) return loadAbove(posterior, experiment);
  const isAbove = missed.length > 0 || isSaturationSeen(state);
  if (!isAbove) return Math.max(loadAbove(posterior, experiment), highest * RISE ** (curve.length - 1));
  if (curve.some(({ verdict, arrivalRate }) => verdict.met && arrivalRate >= NEAR * likely)) return undefined;
  const below = posterior.quantile(0.15);
  return missed.length < curve.length ? below : Math.min(below, lowest / LEAP);
}

/**
 * Where the next trial narrows the posterior most: above saturation by its throughput, at capacity by its verdict. A
 * deployment that collapses under overload tells nothing above.
 */
function narrowingLoad({ curve, spoiled, posterior, experiment }: KnownCell): PerSecond {
  const { saturation, burstiness } = posterior.deviation;
  const readings = [...curve.filter(({ verdict }) => !verdict.met), ...spoiled].map(({ reading }) => reading);
  const collapses = readings.every(reading => (reading?.error ?? BLURRED) >= BLURRED);
  return collapses || burstiness > saturation ? posterior.quantile(0.5) : loadAbove(posterior, experiment);
}
