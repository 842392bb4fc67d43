import type { Experiment, Trial, ValidityLimits } from '../../model/experiment.ts';
import { quantile } from '../../model/histogram.ts';
import type { Completions, InvalidReason, Measurement, OtherDeployment } from '../../model/measurement.ts';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import { computeOthersShare } from '../search/saturation.ts';

/**
 * Limits without a calibration. Others: on 2 shared CPUs the lab itself and soft interrupts took 0.03 at 1,800/s; all
 * values from there to 0.98 occurred, so that the limit is a choice.
 */
export const ANY_MACHINE: ValidityLimits = { scheduleLag: 0.1, steal: 0.05, others: 0.25 };
/** Part of the requests by which the counts of both ends may differ, besides one request. */
const MOST_MISCOUNTED: Fraction = 0.01;
/** Of all CPUs. At 4,500/s k6 takes a third of two CPUs; if it takes more than all that it measures, it is the limit. */
const MOST_GENERATOR_CPU: Fraction = 0.6;
/** Part of the seconds in progress by which the two sums may differ. */
const MOST_OFF_LITTLE: Fraction = 0.1;
/** CPUs that an idle deployment may use: health checks and timers took 0.001 to 0.007, a late garbage collection 0.03. */
export const MOST_IDLE_CPUS = 0.05;

/** Why a trial is invalid; `undefined`: it is valid. Its response times have no say. */
export function findInvalidReason(
  measurement: Measurement,
  trial: Trial,
  { objective, validity = ANY_MACHINE }: Pick<Experiment, 'objective' | 'validity'>,
): InvalidReason | undefined {
  const { neverSent, outOfConnections = 0, scheduleLag, completions, cpuShare, steal } = measurement;
  if (measurement.controlLost) return { kind: 'control-lost' };
  if (outOfConnections > 0) return { kind: 'out-of-connections', arrivals: outOfConnections };
  // Before lateness: a load is worth repeating after a disturbance. Light trials give only means, which rose by about a
  // tenth while other programs used half of the CPUs.
  const others = computeOthersShare(measurement);
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

/** Each success is one completion of a worker, and workers complete no more than was sent. */
function differ({ sent, succeeded, byWorkers }: Required<Completions>): boolean {
  const slack = 1 + MOST_MISCOUNTED * sent;
  return byWorkers < succeeded - slack || byWorkers > sent + slack;
}

/** A hidden deployment is judged by its CPU time alone. */
function isAtWork({ completed = 0, inProgress = 0, cpus }: OtherDeployment): boolean {
  // A restarted worker counts from 0 again: that is work too.
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
