import { cellName } from '../experiment/cell.ts';
import type { Cell, Objective, Trial } from '../experiment/experiment.ts';
import type { Measurement, TrialResult } from '../experiment/trial-result.ts';
import type { PerSecond } from '../experiment/units.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** One load of a curve and whether it was carried. */
export interface LoadPoint {
  /** λ of the trial: what was really offered differs by chance, and would put points in another order. */
  readonly arrivalRate: PerSecond;
  readonly trial: Trial;
  readonly measurement: Measurement;
  readonly verdict: Verdict;
}

/** The completed capacity trials of one cell, by arrival rate. */
export function loadCurveOf(cell: Cell, results: readonly TrialResult[], objective: Objective): LoadPoint[] {
  return resultsOf(cell, results)
    .flatMap(result => {
      const { trial } = result;
      if (result.state !== 'completed' || trial.purpose !== 'capacity' || trial.load.model !== 'open') return [];
      const { measurement } = result;
      const verdict = verdictOf(trial, measurement, objective);
      return [{ arrivalRate: trial.load.arrivalRate, trial, measurement, verdict }];
    })
    .sort((a, b) => a.arrivalRate - b.arrivalRate);
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
 * The bracket of a curve. Near capacity chance decides: a load may pass above one that failed. Then neither verdict is
 * believed: below `low` nothing failed, above `high` nothing passed, and the doubtful loads lie between them.
 */
export function bracketOf(curve: readonly LoadPoint[]): Bracket {
  const passed = curve.filter(({ verdict }) => verdict.met).map(({ arrivalRate }) => arrivalRate);
  const failed = curve.filter(({ verdict }) => !verdict.met).map(({ arrivalRate }) => arrivalRate);
  const low = passed.filter(load => load < Math.min(...failed)).at(-1);
  const high = failed.find(load => load > Math.max(...passed));
  return { ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
}
