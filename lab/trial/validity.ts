import { quantile } from '../../loadtests/lib/histogram.ts';
import type { Experiment, Trial } from '../experiment/experiment.ts';
import type { InvalidReason, Measurement } from '../experiment/trial-result.ts';
import type { Fraction } from '../experiment/units.ts';

/** Schedule lag p99 ÷ the objective's time. */
const MOST_SCHEDULE_LAG: Fraction = 0.1;
/** How far Little's law may be off. */
const MOST_IMBALANCE: Fraction = 0.1;
/** Of the machine's CPU time. */
const MOST_STEAL: Fraction = 0.05;

/**
 * Why a trial says nothing about its deployment; `undefined` when it does. It is judged without a look at its outcome:
 * neither a good nor a bad response time makes a trial valid.
 */
export function invalidReasonOf(
  measurement: Measurement,
  trial: Trial,
  { objective }: Experiment,
): InvalidReason | undefined {
  const { neverSent, scheduleLag, littlesLaw, steal } = measurement;
  if (neverSent > 0) return { kind: 'never-sent', arrivals: neverSent };

  // A light trial has too few arrivals for a p99, and only a mean is taken from it.
  if (trial.purpose === 'light') return undefined;

  const p99 = quantile(scheduleLag, 0.99);
  const limit = MOST_SCHEDULE_LAG * objective.responseTime;
  if (p99 > limit) return { kind: 'schedule-lag', p99, limit };

  if (Math.abs(littlesLaw - 1) > MOST_IMBALANCE) return { kind: 'littles-law', ratio: littlesLaw };
  if (steal > MOST_STEAL) return { kind: 'machine-disturbed', steal };
  return undefined;
}
