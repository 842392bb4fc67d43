import type { Cell, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import { culpritOf } from '../explain/invalid-hints.ts';
import { type Knowledge, knowledgeOf } from './knowledge.ts';
import { type LoadPoint, resultsOf } from './load-curve.ts';
import { capacityPhases, lightLoad } from './phases.ts';
import type { SearchLoad } from './planned-trial.ts';
import type { Posterior } from './posterior.ts';
import { isGenerators, saturationReading, spoiledReading } from './saturation-reading.ts';

/**
 * The next trial of a cell. `doubt`: how much there is to be learned, the standard deviation of ln capacity; infinite
 * while a part of the answer is missing.
 */
export type Step = SearchLoad & { readonly doubt: number };

/** A capacity that is known this well (standard deviation of its logarithm) is left to the noise of the machine. */
const CONTENT = 0.02;
/** The search of a cell ends after this many completed trials. */
export const MOST_TRIALS = 8;
/** The search of a cell ends after this many trials, completed or spoiled by the generator. */
const MOST_IN_ALL = 12;
/** A trial that failed, or that the machine disturbed, is repeated twice at most. */
const MOST_ATTEMPTS = 3;
/** The search of a cell ends after this many trials in a row that the generator spoiled. */
const MOST_SPOILED = 4;
/** Loads whose ratio is less than this count as the same. */
const CLOSE = 1.1;
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
/** Step upwards from a carried load that was meant to be too much, to the power of how many there were. */
const RISE = 1.1;

/** What to try next on a cell; `undefined` when it is done. */
export function nextStepOf(cell: Cell, results: readonly TrialResult[], experiment: Experiment): Step | undefined {
  const own = resultsOf(cell, results);
  if (isGivenUp(own)) return undefined;
  const known = knowledgeOf(cell, own, experiment);
  if (known === undefined) {
    return { purpose: 'light', doubt: Number.POSITIVE_INFINITY };
  }
  const { curve, spoiled, posterior } = known;
  if (curve.length >= MOST_TRIALS || curve.length + spoiled.length >= MOST_IN_ALL || isHopeless(curve))
    return undefined;
  const missing = missingLoad(known, lowestLoad(cell, own), experiment);
  const doubt = missing === undefined ? posterior.deviation.total : Number.POSITIVE_INFINITY;
  if (doubt <= CONTENT) return undefined;
  const within = (wanted: PerSecond) => belowSpoiled(wanted, cell, own);
  const arrivalRate =
    loadToRepeat(own) ??
    within(missing ?? narrowingLoad(known, experiment)) ??
    (isSaturationSeen(known, experiment) ? within(posterior.quantile(0.5)) : undefined);
  if (arrivalRate === undefined) return undefined;
  return { purpose: 'capacity', arrivalRate, describes: curve.length === 0, doubt };
}

/** The load of the last trial, if it failed or the machine disturbed it. */
function loadToRepeat(own: readonly TrialResult[]): PerSecond | undefined {
  const last = own.at(-1);
  if (last === undefined || last.state === 'completed' || isSpoiled(last)) return undefined;
  const { purpose, load } = last.trial;
  return purpose === 'capacity' && load.model === 'open' ? load.arrivalRate : undefined;
}

/**
 * Limits a wanted load: if the generator could not offer nearly so much, the load lies between the highest that it did
 * offer and the lowest that it did not. `undefined`: the two are too close for another load.
 */
export function belowSpoiled(wanted: PerSecond, cell: Cell, own: readonly TrialResult[]): PerSecond | undefined {
  const ceiling = ceilingOf(own);
  if (CLOSE * wanted < ceiling) return wanted;
  const offered = own.flatMap(result => (result.state === 'completed' ? loadOf(result) : []));
  const floor = Math.max(lowestLoad(cell, own), ...offered.filter(load => load < ceiling));
  // A pause may have spoiled a load that is far below what the generator can offer.
  return ceiling > CLOSE * floor ? Math.max(Math.sqrt(floor * ceiling), ceiling / 2) : undefined;
}

/**
 * The lowest load that the generator could not offer; infinite where there is none. A load that it failed to offer once
 * does not count if it has offered nearly as much since.
 */
export function ceilingOf(own: readonly TrialResult[]): PerSecond {
  const spoiled = own.flatMap((result, index) =>
    isSpoiled(result) ? loadOf(result).map(load => ({ load, index })) : [],
  );
  const counts = spoiled.filter(({ load, index }) => {
    const often = spoiled.filter(other => Math.max(load, other.load) < CLOSE * Math.min(load, other.load)).length;
    const since = own.slice(index + 1).flatMap(later => (later.state === 'completed' ? loadOf(later) : []));
    return often > 1 || since.every(offered => CLOSE * offered < load);
  });
  return Math.min(...counts.map(({ load }) => load));
}

/** What the light look at a cell offers. */
function lowestLoad(cell: Cell, own: readonly TrialResult[]): PerSecond {
  if (!cell.deployment.hidden) return lightLoad(cell);
  const looks = own.flatMap(result =>
    result.state === 'completed' && result.trial.purpose === 'light' ? [result.measurement.throughput] : [],
  );
  return Math.max(0, ...looks);
}

function loadOf({ trial: { load } }: TrialResult): PerSecond[] {
  return load.model === 'open' ? [load.arrivalRate] : [];
}

function isSpoiled(result: TrialResult): boolean {
  return result.state === 'invalid' && result.trial.purpose !== 'light' && culpritOf(result.reason) === 'generator';
}

/** Whether the search of a cell ends because its last trials all failed or were invalid, or no light trial was answered. */
export function isGivenUp(own: readonly TrialResult[]): boolean {
  const completed = own.findLastIndex(({ state }) => state === 'completed');
  const inVain = Map.groupBy(own.slice(completed + 1), isSpoiled);
  const [repeated, lowered] = [inVain.get(false) ?? [], inVain.get(true) ?? []];
  return repeated.length >= MOST_ATTEMPTS || lowered.length >= MOST_SPOILED || answersNothing(own);
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
function missingLoad(known: Knowledge, light: PerSecond, experiment: Experiment): PerSecond | undefined {
  const { curve, posterior } = known;
  const highest = curve.at(-1)?.arrivalRate;
  if (highest === undefined) return Math.min(posterior.quantile(0.5) / 2, LONGEST_STRIDE * light);
  const missed = curve.filter(({ verdict }) => !verdict.met);
  // The first guess for a hidden cell may be far too high, and far above saturation little is seen of it.
  if (known.light.hidden && missed.length === 1 && isBlurred(missed[0], known, experiment)) {
    return loadAbove(posterior, experiment);
  }
  const isAbove = missed.length > 0 || isSaturationSeen(known, experiment);
  if (!isAbove) return Math.max(loadAbove(posterior, experiment), highest * RISE ** (curve.length - 1));
  const likely = posterior.quantile(0.5);
  if (curve.some(({ verdict, arrivalRate }) => verdict.met && arrivalRate >= NEAR * likely)) return undefined;
  const below = posterior.quantile(0.15);
  const lowest = curve[0]?.arrivalRate ?? below;
  return curve.some(({ verdict }) => verdict.met) ? below : Math.min(below, lowest / LEAP);
}

/** Standard deviation below which a reading counts as having seen the saturation. */
const SEEN = 0.15;

/** Distance from saturation, of ln μ, below which a carried load counts as having seen it. */
const NEARLY = 0.2;

/** Whether the highest carried load was so close to saturation that it shows where that is. */
export function isNearSaturation({ curve, light }: Knowledge, experiment: Experiment): boolean {
  const highest = curve.at(-1);
  if (highest === undefined || isGenerators(highest.measurement, experiment.cpus)) return false;
  const reading = saturationReading(highest, experiment, light);
  if (reading === undefined || reading.error >= SEEN) return false;
  return reading.logSaturation - Math.log(highest.measurement.throughput) < NEARLY;
}

/** Whether a trial that the generator spoiled reached saturation all the same. */
export function isSaturationSeen({ spoiled, light }: Knowledge, experiment: Experiment): boolean {
  return spoiled.some(point => (spoiledReading(point, experiment, light)?.error ?? SEEN) < SEEN);
}

/** A reading with this standard deviation, or more, was not worth its trial. */
const BLURRED = 0.1;

function isBlurred(point: LoadPoint | undefined, { light }: Knowledge, experiment: Experiment): boolean {
  const reading = point && saturationReading(point, experiment, light);
  return (reading?.error ?? SEEN) >= SEEN;
}

/**
 * Where the next trial narrows the posterior most: above saturation by what it completes, at capacity by whether it is
 * carried. A deployment that collapses when it is overloaded tells nothing above.
 */
function narrowingLoad({ curve, spoiled, light, posterior }: Knowledge, experiment: Experiment): PerSecond {
  const { saturation, burstiness } = posterior.deviation;
  const readings = [
    ...curve.filter(({ verdict }) => !verdict.met).map(point => saturationReading(point, experiment, light)),
    ...spoiled.map(point => spoiledReading(point, experiment, light)),
  ].map(reading => reading?.error ?? BLURRED);
  const collapses = readings.every(error => error >= BLURRED);
  return collapses || burstiness > saturation ? posterior.quantile(0.5) : loadAbove(posterior, experiment);
}
