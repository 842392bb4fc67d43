import { type Cell, cellName, type Objective, type Trial } from '../../model/experiment.ts';
import type { Measurement, TrialResult } from '../../model/measurement.ts';
import type { PerSecond } from '../../model/quantities.ts';
import { culpritOf } from '../explain/invalid-hints.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** One load of a curve and whether it was carried. */
export interface LoadPoint {
  /** λ of the trial: what was really offered differs by chance, and would put points in another order. */
  readonly arrivalRate: PerSecond;
  readonly trial: Trial;
  readonly measurement: Measurement;
  readonly verdict: Verdict;
}

/** The completed trials of one cell under open loads, but for a light look and for what claims tried, by arrival rate; of equal ones those that failed come first. */
export function loadCurveOf(cell: Cell, results: readonly TrialResult[], objective: Objective): LoadPoint[] {
  return pointsOf(cell, results, objective, ({ state }) => state === 'completed').sort(
    (a, b) => a.arrivalRate - b.arrivalRate || Number(a.verdict.met) - Number(b.verdict.met),
  );
}

/**
 * The trials of a cell under open loads that the generator made invalid, in the order they ran. Ignore their verdicts:
 * only their throughput may show the saturation (`spoiledReading`).
 */
export function spoiledLoadsOf(cell: Cell, results: readonly TrialResult[], objective: Objective): LoadPoint[] {
  return pointsOf(
    cell,
    results,
    objective,
    result => result.state === 'invalid' && culpritOf(result.reason) === 'generator',
  );
}

/** The trials of a cell under open loads, but for light looks and claims, in the order they ran. */
function pointsOf(
  cell: Cell,
  results: readonly TrialResult[],
  objective: Objective,
  isWanted: (result: TrialResult) => boolean,
): LoadPoint[] {
  return resultsOf(cell, results).flatMap(result => {
    const { trial } = result;
    if (result.state === 'failed' || !isWanted(result) || trial.load.model !== 'open') return [];
    if (trial.purpose !== 'capacity' && trial.purpose !== 'load') return [];
    const { measurement } = result;
    const verdict = verdictOf(trial, measurement, objective);
    return [{ arrivalRate: trial.load.arrivalRate, trial, measurement, verdict }];
  });
}

/** The results of one cell, in their own order. */
export function resultsOf(cell: Cell, results: readonly TrialResult[]): TrialResult[] {
  const name = cellName(cell);
  return results.filter(({ trial }) => cellName(trial.cell) === name);
}

/** The loads between which the capacity lies, by arrival rate; absent: not found yet. */
export interface Bracket {
  readonly low?: PerSecond;
  readonly high?: PerSecond;
}

/**
 * The bracket of a curve. Near capacity chance decides, and a disturbance may fail any load: a load may pass above one
 * that failed. The capacity is put where it contradicts the fewest verdicts; where several places contradict equally
 * few, nobody knows which of them to believe, and the bracket holds them all.
 */
export function bracketOf(curve: readonly LoadPoint[]): Bracket {
  const contradicted = Array.from(
    { length: curve.length + 1 },
    (_, cut) => curve.filter(({ verdict }, index) => verdict.met !== index < cut).length,
  );
  const fewest = Math.min(...contradicted);
  const low = curve[contradicted.indexOf(fewest) - 1]?.arrivalRate;
  const high = curve[contradicted.lastIndexOf(fewest)]?.arrivalRate;
  return { ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
}
