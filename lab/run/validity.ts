import type { Experiment, Trial, ValidityLimits } from '../../model/experiment.ts';
import { quantile } from '../../model/histogram.ts';
import type { Completions, InvalidReason, Measurement, OtherDeployment } from '../../model/measurement.ts';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import { othersShareOf } from '../search/saturation.ts';

/**
 * Where no calibration has found a machine's own levels. Others: on 2 shared CPUs it was at best 0.03 at 1,800/s, the lab
 * itself and soft interrupts; from there to 0.98 all values occurred, so the level is a choice and not a gap between two
 * kinds.
 */
export const ANY_MACHINE: ValidityLimits = { scheduleLag: 0.1, steal: 0.05, others: 0.25 };
/** Of the requests that were sent: what the counts of the two ends may differ by, and one request on top. */
const MOST_MISCOUNTED: Fraction = 0.01;
/**
 * Of all CPUs. k6 takes a third of two CPUs where it sends most, 4,500/s; where it takes more than all that it measures,
 * a capacity is its own.
 */
const MOST_GENERATOR_CPU: Fraction = 0.6;
/** Of the seconds in progress. */
const MOST_OFF_LITTLE: Fraction = 0.1;
/**
 * Of one CPU, by a deployment that should be idle. Health checks and timers took 0.001 to 0.007, and a late collection
 * of garbage once 0.03: more than that is work that nobody knows of.
 */
export const MOST_IDLE_CPUS = 0.05;

/**
 * Why a trial is invalid; `undefined` when it is valid. It is judged without a look at its outcome: neither a good nor a
 * bad response time makes a trial valid.
 */
export function invalidReasonOf(
  measurement: Measurement,
  trial: Trial,
  { objective, validity = ANY_MACHINE }: Pick<Experiment, 'objective' | 'validity'>,
): InvalidReason | undefined {
  const { neverSent, outOfConnections = 0, scheduleLag, completions, cpuShare, steal } = measurement;
  if (measurement.controlLost) return { kind: 'control-lost' };
  if (outOfConnections > 0) return { kind: 'out-of-connections', arrivals: outOfConnections };
  // A disturbed machine makes k6 late too, but then its load is worth repeating. Only means are taken from a light trial,
  // and those rose by about a tenth where other programs used half of the CPUs.
  const others = othersShareOf(measurement);
  const isDisturbed = steal > validity.steal || others > validity.others;
  if (isDisturbed && trial.purpose !== 'light') return { kind: 'machine-disturbed', steal, others };
  if (neverSent > 0) return { kind: 'never-sent', arrivals: neverSent };
  const { byWorkers } = completions;
  if (byWorkers !== undefined && differ({ ...completions, byWorkers })) {
    return { kind: 'completions-differ', ...completions, byWorkers };
  }
  const atWork = measurement.others.find(isAtWork);
  if (atWork) return { kind: 'other-deployment-at-work', ...atWork };
  const brokenLaw = trial.load.model === 'burst' ? undefined : brokenLittlesLaw(measurement);
  if (brokenLaw) return brokenLaw;

  // A light trial has too few arrivals for a p99.
  if (trial.purpose === 'light') return undefined;

  const p99 = quantile(scheduleLag, 0.99);
  const limit = validity.scheduleLag * objective.responseTime;
  // All of a burst is due at one instant, and no generator sends all of it at once.
  if (p99 > limit && trial.load.model !== 'burst') return { kind: 'schedule-lag', p99, limit };
  if (cpuShare.k6 > MOST_GENERATOR_CPU) {
    return { kind: 'generator-cpu', share: cpuShare.k6, limit: MOST_GENERATOR_CPU };
  }
  return undefined;
}

/** Each success is one completion of a worker, and none completes what was not sent: a broken count or path shows here. */
function differ({ sent, succeeded, byWorkers }: Required<Completions>): boolean {
  const slack = 1 + MOST_MISCOUNTED * sent;
  return byWorkers < succeeded - slack || byWorkers > sent + slack;
}

/** By its CPU time alone where it does not tell. */
function isAtWork({ completed = 0, inProgress = 0, cpus }: OtherDeployment): boolean {
  // Counted from 0 again by a worker that was started anew: that is work too.
  return completed !== 0 || inProgress > 0 || cpus > MOST_IDLE_CPUS;
}

/**
 * Little's law over a time that begins and ends with nothing in progress: ∫ N(t) dt = Σ Wᵢ, where N are the requests
 * that the generator has sent and not got back, and Wᵢ is how long each of them took (J. D. C. Little, 1961).
 */
function brokenLittlesLaw({ inProgress, timeInProgress }: Measurement): InvalidReason | undefined {
  const [first, second] = inProgress;
  if (timeInProgress === undefined || first === undefined || second === undefined) return undefined;
  const step: Seconds = second.time - first.time;
  const overTime = inProgress.reduce((sum, { requests }) => sum + requests, 0) * step;
  // A sample catches a short request or misses it: counts of Poisson's kind, with a variance of one for each request.
  const chance = 3 * Math.sqrt(timeInProgress * step);
  if (Math.abs(overTime - timeInProgress) <= MOST_OFF_LITTLE * timeInProgress + chance) return undefined;
  return { kind: 'littles-law', overTime, overRequests: timeInProgress };
}
