import { type Cell, cellName, type Objective, type Trial } from '../../model/experiment.ts';
import type { InvalidReason, Measurement, TrialResult } from '../../model/measurement.ts';
import type { PerSecond } from '../../model/quantities.ts';
import { judgeTrial, type Verdict } from './verdict.ts';

/** One load of a cell and whether it was carried. */
export interface LoadPoint {
  /** λ of the trial: the offered load differs by chance, and would change the order of points. */
  readonly arrivalRate: PerSecond;
  readonly trial: Trial;
  readonly measurement: Measurement;
  readonly verdict: Verdict;
}

/** The results of one cell, in their own order. */
export function selectResults(cell: Cell, results: readonly TrialResult[]): TrialResult[] {
  const name = cellName(cell);
  return results.filter(({ trial }) => cellName(trial.cell) === name);
}

/** The completed loads of a cell by arrival rate; of equal rates the missed ones come first. */
export function buildLoadCurve(cell: Cell, results: readonly TrialResult[], objective: Objective): LoadPoint[] {
  return findLoads(cell, results, objective, ({ state }) => state === 'completed').sort(
    (a, b) => a.arrivalRate - b.arrivalRate || Number(a.verdict.met) - Number(b.verdict.met),
  );
}

/** The loads of a cell that the generator spoiled, in the order they ran. Only their throughput may tell something. */
export function listSpoiledLoads(cell: Cell, results: readonly TrialResult[], objective: Objective): LoadPoint[] {
  return findLoads(cell, results, objective, isSpoiled);
}

/** The open loads of a cell, without light looks and trials for claims. */
function findLoads(
  cell: Cell,
  results: readonly TrialResult[],
  objective: Objective,
  isWanted: (result: TrialResult) => boolean,
): LoadPoint[] {
  return selectResults(cell, results).flatMap(result => {
    const { trial } = result;
    if (result.state === 'failed' || !isWanted(result) || trial.load.model !== 'open') return [];
    if (trial.purpose !== 'capacity' && trial.purpose !== 'load') return [];
    const { measurement } = result;
    return [
      { arrivalRate: trial.load.arrivalRate, trial, measurement, verdict: judgeTrial(trial, measurement, objective) },
    ];
  });
}

/** What made a trial say nothing about its deployment. */
type Culprit = 'generator' | 'machine' | 'count';

const culprits: Readonly<Record<InvalidReason['kind'], Culprit>> = {
  'never-sent': 'generator',
  'out-of-connections': 'generator',
  'schedule-lag': 'generator',
  'generator-cpu': 'generator',
  'control-lost': 'count',
  'completions-differ': 'count',
  'littles-law': 'count',
  'other-deployment-at-work': 'machine',
  'machine-disturbed': 'machine',
};

/** What made a trial invalid. */
export function culpritOf({ kind }: InvalidReason): Culprit {
  return culprits[kind];
}

/** Whether the generator made the trial invalid. */
export function isSpoiled(result: TrialResult): boolean {
  return result.state === 'invalid' && culpritOf(result.reason) === 'generator';
}

/** The loads between which the capacity lies; absent: not found yet. */
interface Bracket {
  readonly low?: PerSecond;
  readonly high?: PerSecond;
}

/**
 * The bracket of a curve. By chance or a disturbance, a load may pass above one that failed: the capacity is put where
 * it contradicts the fewest verdicts; if several places contradict equally few, the bracket holds them all.
 */
export function findBracket(curve: readonly LoadPoint[]): Bracket {
  const contradicted = Array.from(
    { length: curve.length + 1 },
    (_, cut) => curve.filter(({ verdict }, index) => verdict.met !== index < cut).length,
  );
  const fewest = Math.min(...contradicted);
  const low = curve[contradicted.indexOf(fewest) - 1]?.arrivalRate;
  const high = curve[contradicted.lastIndexOf(fewest)]?.arrivalRate;
  return { ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
}
