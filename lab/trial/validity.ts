import { quantile } from '../../loadtests/lib/histogram.ts';
import type { Experiment, Trial } from '../experiment/experiment.ts';
import type { Completions, InvalidReason, Measurement, OtherDeployment } from '../experiment/trial-result.ts';
import type { Fraction } from '../experiment/units.ts';

/** Schedule lag p99 ÷ the objective's time. */
const MOST_SCHEDULE_LAG: Fraction = 0.1;
/** Of the requests that were sent: what the counts of the two ends may differ by, and one request on top. */
const MOST_MISCOUNTED: Fraction = 0.01;
/** Of the machine's CPU time. */
const MOST_STEAL: Fraction = 0.05;
/**
 * Of all CPUs: what is used by none of the components. On 2 shared CPUs it was at best 0.03 at 1,800/s: the lab itself and
 * soft interrupts. From there to 0.98 all values occurred, so the level is a choice and not a gap between two kinds.
 */
const MOST_BY_OTHERS: Fraction = 0.25;
/**
 * Of one CPU, by a deployment that should be idle. Health checks and timers took 0.001 to 0.007, and a late collection
 * of garbage once 0.03: more than that is work that nobody knows of.
 */
const MOST_IDLE_CPUS = 0.05;

/**
 * Why a trial says nothing about its deployment; `undefined` when it does. It is judged without a look at its outcome:
 * neither a good nor a bad response time makes a trial valid.
 */
export function invalidReasonOf(
  measurement: Measurement,
  trial: Trial,
  { objective }: Experiment,
): InvalidReason | undefined {
  const { neverSent, scheduleLag, completions, steal } = measurement;
  if (measurement.controlLost) return { kind: 'control-lost' };
  if (neverSent > 0) return { kind: 'never-sent', arrivals: neverSent };
  if (differ(completions)) return { kind: 'completions-differ', ...completions };
  const atWork = measurement.others.find(isAtWork);
  if (atWork) return { kind: 'other-deployment-at-work', ...atWork };

  // A light trial has too few arrivals for a p99. Only means are taken from it, and those rose by about a tenth where
  // other programs used half of the CPUs.
  if (trial.purpose === 'light') return undefined;

  const p99 = quantile(scheduleLag, 0.99);
  const limit = MOST_SCHEDULE_LAG * objective.responseTime;
  if (p99 > limit) return { kind: 'schedule-lag', p99, limit };

  const others = byOthers(measurement);
  if (steal > MOST_STEAL || others > MOST_BY_OTHERS) return { kind: 'machine-disturbed', steal, others };
  return undefined;
}

/** Each success is one completion of a worker, and none completes what was not sent: a broken count or path shows here. */
function differ({ sent, succeeded, byWorkers }: Completions): boolean {
  const slack = 1 + MOST_MISCOUNTED * sent;
  return byWorkers < succeeded - slack || byWorkers > sent + slack;
}

function isAtWork({ completed, inProgress, cpus }: OtherDeployment): boolean {
  // Counted from 0 again by a worker that was started anew: that is work too.
  return completed !== 0 || inProgress > 0 || cpus > MOST_IDLE_CPUS;
}

function byOthers({ utilisation, cpuShare }: Measurement): Fraction {
  return Object.values(cpuShare).reduce((left, share) => left - share, utilisation.cpu);
}
