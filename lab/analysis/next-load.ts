import type { Cell, Experiment } from '../experiment/experiment.ts';
import type { TrialResult } from '../experiment/trial-result.ts';
import type { PerSecond } from '../experiment/units.ts';
import { type Bracket, bracketOf, type LoadPoint, loadCurveOf, resultsOf } from './load-curve.ts';
import { lightLoad } from './phases.ts';
import { saturationOf } from './saturation.ts';

/** The next trial of a cell. */
export interface Step {
  readonly purpose: 'light' | 'capacity';
  readonly arrivalRate: PerSecond;
  /** High ÷ low of the bracket so far; infinite while one of them is unknown. */
  readonly width: number;
}

/** A bracket as narrow as this (high ÷ low) is the answer. */
const NARROW = 1.15;
/** Neighbouring loads of a search: as far apart as a narrow bracket may be wide, with room for rounding. */
const STEP = 1.14;
/** The largest step where nothing is known. */
const LEAP = 2.5;
/** The part of its saturation that a cell can be expected to carry: one step above lies beyond saturation. */
const AIM = 0.93;

/** A load that failed this far (as a factor) below what was expected is tried once more: it may have been disturbed. */
const SURPRISE = 1.3;

/** Completed capacity trials after which a cell's bracket is taken as it is. */
export const MOST_TRIALS = 5;
/** A trial that is invalid, or fails, is repeated twice at most. */
const MOST_ATTEMPTS = 3;

/** What to try next on a cell; `undefined` when it is done. */
export function nextStepOf(cell: Cell, results: readonly TrialResult[], experiment: Experiment): Step | undefined {
  const { objective, cpus } = experiment;
  const own = resultsOf(cell, results);
  if (isGivenUp(own)) return undefined;
  const light = own.find(({ state, trial }) => state === 'completed' && trial.purpose === 'light');
  if (light?.state !== 'completed') {
    return { purpose: 'light', arrivalRate: lightLoad(cell), width: Number.POSITIVE_INFINITY };
  }
  const curve = loadCurveOf(cell, own, objective);
  const bracket = bracketOf(curve);
  const width = (bracket.high ?? Number.POSITIVE_INFINITY) / (bracket.low ?? 0);
  if (curve.length >= MOST_TRIALS || (width <= NARROW && !isSurprising(curve, bracket, cpus))) return undefined;
  const last = own.at(-1);
  if (last && last.state !== 'completed' && last.trial.load.model === 'open') {
    return { purpose: 'capacity', arrivalRate: last.trial.load.arrivalRate, width };
  }
  const guess = saturationOf(light.trial, light.measurement, cpus)?.load ?? lightLoad(cell);
  return { purpose: 'capacity', arrivalRate: curve.length === 0 ? guess / 2 : loadAfter(curve, bracket, cpus), width };
}

/** Whether none of a cell's last trials was completed, as often as they are repeated. */
export function isGivenUp(own: readonly TrialResult[]): boolean {
  return own.length >= MOST_ATTEMPTS && own.slice(-MOST_ATTEMPTS).every(({ state }) => state !== 'completed');
}

/** Whether a load failed, once, where the loads below it let expect much more. */
function isSurprising(curve: readonly LoadPoint[], { high }: Bracket, cpus: number): boolean {
  if (high === undefined || curve.filter(({ arrivalRate }) => arrivalRate === high).length > 1) return false;
  return expectedAfter(curve, cpus) > SURPRISE * high;
}

/** What the highest load that was carried lets expect; infinite when it tells nothing. */
function expectedAfter(curve: readonly LoadPoint[], cpus: number): PerSecond {
  const passed = curve.findLast(({ verdict }) => verdict.met);
  const saturation = passed && saturationOf(passed.trial, passed.measurement, cpus);
  return AIM * (saturation?.load ?? Number.POSITIVE_INFINITY);
}

function loadAfter(curve: readonly LoadPoint[], { low, high }: Bracket, cpus: number): PerSecond {
  const passed = curve.findLast(({ verdict }) => verdict.met);
  const isDoubtful = passed !== undefined && low === undefined;
  // Carried above loads that were not, once: it is tried again.
  if (isDoubtful && curve.filter(({ arrivalRate }) => arrivalRate === passed.arrivalRate).length === 1) {
    return passed.arrivalRate;
  }
  if (passed === undefined || isDoubtful) {
    // Overloaded: what it completed is what it can do.
    const lowest = curve[0];
    if (lowest === undefined) return Number.NaN;
    return between(AIM * lowest.measurement.throughput, lowest.arrivalRate / LEAP, lowest.arrivalRate / STEP);
  }
  const expected = expectedAfter(curve, cpus);
  if (high === undefined || low === undefined) {
    // Each load that was carried where the next one was expected to fail makes the next step longer.
    const step = STEP ** Math.max(1, curve.length - 1);
    return between(expected, passed.arrivalRate * step, passed.arrivalRate * LEAP);
  }
  if (high / low <= NARROW) return high;
  if (high / low <= STEP ** 2) return Math.sqrt(low * high);
  return between(expected, low * STEP, high / STEP);
}

function between(value: number, lowest: number, highest: number): number {
  return Math.min(highest, Math.max(lowest, value));
}
