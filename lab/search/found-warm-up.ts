import type { Cell, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Seconds } from '../../model/quantities.ts';
import { loadCurveOf } from './load-curve.ts';
import type { PlannedTrial } from './planned-trial.ts';

/** Trials at loads that were carried before their warm-ups are believed: of a single one chance may be the cause. */
const ENOUGH_TRIALS = 3;
/** How many times as long as it was planned a warm-up becomes at most. */
export const LONGEST = 5;

/** The part of an experiment that says what a warm-up is for. */
type Rules = Pick<Experiment, 'objective'>;

/**
 * The trial with a warm-up as long as earlier ones of its cell have shown to be needed, where they have. A trial's own
 * steady state has no say in where it begins: a cut that is chosen by what follows would leave out just what is slow.
 */
export function withFoundWarmUp(
  planned: PlannedTrial,
  results: readonly TrialResult[],
  experiment: Rules,
): PlannedTrial {
  const { purpose, load, phases, cell } = planned;
  if ((purpose !== 'capacity' && purpose !== 'load') || load.model === 'burst') return planned;
  const found = foundWarmUp(cell, results, experiment);
  if (found === undefined || found <= phases.warmUp) return planned;
  return { ...planned, phases: { ...phases, warmUp: Math.min(found, LONGEST * phases.warmUp) } };
}

/**
 * How long after their begin loads that a cell carries became steady: the median of its trials; infinite when most of
 * them never did, `undefined` when too few have been looked at.
 */
export function foundWarmUp(cell: Cell, results: readonly TrialResult[], { objective }: Rules): Seconds | undefined {
  const moments = loadCurveOf(cell, results, objective)
    .flatMap(({ verdict, measurement: { steadyFrom } }) =>
      verdict.met && steadyFrom !== undefined ? [steadyFrom ?? Number.POSITIVE_INFINITY] : [],
    )
    .sort((one, other) => one - other);
  return moments.length < ENOUGH_TRIALS ? undefined : moments[Math.floor((moments.length - 1) / 2)];
}
