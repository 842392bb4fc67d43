import type { Cell, Experiment, Trial } from '../../model/experiment.ts';
import { meanOf } from '../../model/histogram.ts';
import type { Measurement } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import type { LoadPoint } from './load-curve.ts';
import { cpuSpeedSensitivity, findSaturation, generatorCpus, holdPerRequest, type LightLook } from './saturation.ts';

/** What one trial says of the load μ at which its deployment is used up. */
export interface SaturationReading {
  readonly logSaturation: number;
  /** Standard deviation of ln μ, without the difference between trials: in all, and of the extrapolation alone. */
  readonly error: number;
  readonly extrapolated: number;
}

type Made = Pick<LoadPoint, 'trial' | 'measurement'>;

/** Utilisation from which on what was completed is what a resource can do. */
const USED_UP = 0.9;
/** Throughput ÷ offered load below which something is used up, observed or not. */
export const CARRIED = 0.97;
/** Deviation for each e-fold from the throughput to saturation: how service demand falls with load is not known exactly. */
const EXTRAPOLATION = 0.5;
/** The same for a resource whose time per request does not depend on the load. */
const PROPORTION = 0.1;
/** Deviation of ln μ where the generator was late and shares the CPUs; from simulations. */
const SPOILED = 0.04;

/** Reads the saturation near it by the utilisation law, μ = X ÷ U, of the busiest resource; below it by extrapolation. */
export function saturationReading(
  { trial, measurement }: Made,
  { cpus }: Experiment,
  light: LightLook,
): SaturationReading | undefined {
  const { throughput, offeredLoad, utilisation, scored } = measurement;
  if (!(throughput > 0) || scored === 0) return undefined;
  const counted = countingError(measurement, light);
  const busiest = Math.max(...Object.values(utilisation));
  const isNeverIdle = light.hidden && leastInProgress(trial, measurement) > countPlaces(trial.cell, measurement, light);
  const overloaded = throughput < CARRIED * offeredLoad || isNeverIdle;
  // CPU time per request still falls up to saturation: there X ÷ U would be too low.
  if (overloaded || (busiest >= USED_UP && utilisation.cpu < USED_UP)) {
    const used = busiest >= USED_UP ? Math.min(1, busiest) : 1;
    const extrapolated = Math.hypot(EXTRAPOLATION * -Math.log(used), unfinishedError(trial.cell, measurement, cpus));
    const completed = overloaded ? throughput + unfinishedThroughput(trial, measurement) : throughput;
    return reading(completed / used, counted, extrapolated);
  }
  // A resource that is not seen may be used up first.
  if (light.hidden && busiest < USED_UP) return undefined;
  const expected = findSaturation(trial, measurement, cpus, light);
  if (expected === undefined) return undefined;
  const proportional =
    expected.resource === 'database-connections' ||
    (expected.resource === 'workers' && isConcurrencyLimited(trial.cell.deployment.spec));
  const distance = Math.max(0, Math.log(expected.load / throughput));
  const perDistance = proportional
    ? PROPORTION
    : Math.max(PROPORTION, EXTRAPOLATION * Math.sqrt(expected.falling ?? 1));
  return reading(expected.load, counted, perDistance * distance);
}

/**
 * Reads the saturation from a trial that the generator spoiled: its throughput, if it was overloaded and requests in
 * progress never ran out; near saturation by extrapolation, if the CPUs were nearly used up.
 */
export function spoiledReading(
  { trial, measurement }: Made,
  { cpus }: Experiment,
  light: LightLook,
): SaturationReading | undefined {
  const { throughput, offeredLoad, utilisation, scored } = measurement;
  if (!(throughput > 0) || scored === 0 || isGeneratorsLimit(measurement, cpus)) return undefined;
  const error = Math.hypot(countingError(measurement, light), SPOILED);
  // Answers that k6 has not read yet are in progress for k6 alone.
  const unread = throughput * meanOf(measurement.scheduleLag);
  const isNeverIdle = leastInProgress(trial, measurement) - unread >= countPlaces(trial.cell, measurement, light);
  if (throughput < CARRIED * offeredLoad && isNeverIdle) {
    const completed = throughput + unfinishedThroughput(trial, measurement);
    return reading(completed, error, unfinishedError(trial.cell, measurement, cpus));
  }
  const expected = utilisation.cpu < USED_UP ? undefined : findSaturation(trial, measurement, cpus, light);
  if (expected === undefined) return undefined;
  return reading(expected.load, error, EXTRAPOLATION * Math.max(0, Math.log(expected.load / throughput)));
}

function reading(saturation: PerSecond, counted: number, extrapolated: number): SaturationReading {
  return { logSaturation: Math.log(saturation), error: Math.hypot(counted, extrapolated), extrapolated };
}

/** Standard deviation of ln μ from the machine's noise: more than the noise itself if the CPUs are used up. */
export function noiseAt({ trial, measurement }: Made, noise: Fraction, light: LightLook): Fraction {
  const { cpu } = measurement.utilisation;
  const isLimit = cpu >= USED_UP && cpu >= Math.max(...Object.values(measurement.utilisation));
  return isLimit ? noise * cpuSpeedSensitivity(trial, measurement, light) : noise;
}

/** Of the CPU time in use: if k6 takes more, the saturation is that of k6. */
const MOST_OF_GENERATOR: Fraction = 0.6;

/** Whether k6 is what is saturated: it used most of the CPU time in use, or nearly all that it may use. */
export function isGeneratorsLimit({ cpuShare, utilisation, outOfConnections = 0 }: Measurement, cpus: number): boolean {
  if (outOfConnections > 0 || cpuShare.k6 > MOST_OF_GENERATOR * utilisation.cpu) return true;
  return cpuShare.k6 * cpus > USED_UP * generatorCpus(cpus);
}

/** Requests in progress that keep the deployment busy: one per slot, connection or CPU; of a hidden one X S. */
function countPlaces(cell: Cell, measurement: Measurement, light: LightLook): number {
  if (light.hidden) return measurement.throughput * light.responseTime;
  const { slots, cpuCeiling } = deriveParallelism(cell.deployment);
  if (Number.isFinite(slots)) return slots;
  return holdPerRequest(measurement) > 0 ? cell.deployment.databaseConnections : cpuCeiling;
}

function leastInProgress(trial: Trial, measurement: Measurement): number {
  const steady = steadyInProgress(trial, measurement);
  return steady.length === 0 ? 0 : Math.min(...steady.map(({ requests }) => requests));
}

function steadyInProgress({ phases: { warmUp } }: Trial, { inProgress, observed }: Measurement) {
  return inProgress.filter(({ time }) => time >= warmUp && time <= warmUp + observed);
}

/**
 * Throughput lost because CPU time went to requests that were sent and not completed: f (S − X), by the utilisation law.
 * S is sent, X completed, and f the share of a request's CPU time that half of k6's and nginx's is. 0 if the CPUs have
 * room.
 */
function unfinishedThroughput(trial: Trial, measurement: Measurement): PerSecond {
  const { utilisation, cpuShare, throughput } = measurement;
  const steady = steadyInProgress(trial, measurement);
  const [first, last] = [steady[0], steady.at(-1)];
  if (utilisation.cpu < USED_UP || first === undefined || last === undefined || last.time <= first.time) return 0;
  const added = Math.max(0, last.requests - first.requests) / (last.time - first.time);
  const perRequest = (cpuShare.k6 + cpuShare.nginx) / (2 * throughput + added);
  const all = perRequest + (cpuShare.workers + cpuShare.postgres) / throughput + perRequest;
  return (perRequest / all) * added;
}

/** Standard deviation of ln X over one second with full CPUs, per share of the CPU time that k6 and nginx use. */
const FULL_CPUS = 0.12;

/** Relative error of throughput from few completions; burstiness − 1 is the squared variation of service. */
function countingError(measurement: Measurement, { burstiness }: LightLook): Fraction {
  const { throughput, observed, utilisation, cpuShare } = measurement;
  const counted = Math.sqrt((Math.max(0, burstiness - 1) + 0.01) / Math.max(1, throughput * observed));
  if (utilisation.cpu < USED_UP) return counted;
  const begun = (cpuShare.k6 + cpuShare.nginx) / utilisation.cpu;
  return Math.hypot(counted, (FULL_CPUS * begun) / Math.sqrt(observed));
}

/** Deviation for each e-fold of offered load ÷ throughput beyond a small excess: loops and CPUs work on unfinished requests. */
const UNFINISHED = 0.6;
const SMALL_EXCESS = 0.35;
/** CPUs that workers keep busy, below which none of them is an event loop that is used up. */
const A_LOOP = 0.5;

/** Standard deviation of ln μ from an offered load that is several times the throughput. */
function unfinishedError({ deployment }: Cell, measurement: Measurement, cpus: number): Fraction {
  const { utilisation, cpuShare, offeredLoad, throughput } = measurement;
  // A worker that serves one request after the other spends no time on others.
  const waits = deployment.hidden
    ? utilisation.cpu < USED_UP && cpuShare.workers * cpus < A_LOOP
    : isConcurrencyLimited(deployment.spec);
  if (waits) return 0;
  return UNFINISHED * Math.max(0, Math.log(offeredLoad / throughput) - SMALL_EXCESS);
}

/** A load with what it says of the saturation. */
export interface ReadPoint extends LoadPoint {
  readonly reading: SaturationReading | undefined;
}
