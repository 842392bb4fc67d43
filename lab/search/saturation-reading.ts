import type { Cell, Experiment, Trial } from '../../model/experiment.ts';
import { meanOf } from '../../model/histogram.ts';
import type { Measurement } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import type { LoadPoint } from './load-curve.ts';
import { generatorCpus, holdPerRequest, type LightLook, saturationOf, sensitivityOf } from './saturation.ts';

/** What one trial says of the load at which its deployment is used up: ln μ, with its standard deviation. */
export interface SaturationReading {
  readonly logSaturation: number;
  /** Of this trial's own speed, without the difference between trials; in all, and what lies in the extrapolation. */
  readonly error: number;
  readonly extrapolated: number;
}

/** From here on a resource is as good as used up, and what was completed is what it can do. */
const USED_UP = 0.9;
/** Of what must be offered: less was completed, so that something is used up, whether it is observed or not. */
const CARRIED = 0.97;

/** For each e-fold from the throughput to saturation: service demand falls with load, nobody knows exactly how. */
const EXTRAPOLATION = 0.5;
/**
 * For each e-fold of a load above what is completed, beyond a small one: an event loop, or CPUs, spend their time on
 * requests that are not completed yet, which a worker that serves one after the other does not.
 */
const UNFINISHED = 0.6;
const SMALL_EXCESS = 0.35;
/** For a resource whose time per request does not depend on the load. */
const PROPORTION = 0.1;

/**
 * Near saturation by the utilisation law, μ = X ÷ U, of the busiest resource; below it by what each resource lets
 * expect.
 */
export function saturationReading(
  { trial, measurement }: LoadPoint,
  { cpus }: Experiment,
  light: LightLook,
): SaturationReading | undefined {
  const { throughput, offeredLoad, utilisation, scored } = measurement;
  if (!(throughput > 0) || scored === 0) return undefined;
  const counted = countingError(measurement, light);
  const busiest = Math.max(...Object.values(utilisation));
  const isNeverIdle = light.hidden && leastInProgress(trial, measurement) > placesOf(trial.cell, measurement, light);
  const overloaded = throughput < CARRIED * offeredLoad || isNeverIdle;
  // CPU time per request still falls up to saturation: there X ÷ U would be too low.
  if (overloaded || (busiest >= USED_UP && utilisation.cpu < USED_UP)) {
    const used = busiest >= USED_UP ? Math.min(1, busiest) : 1;
    const extrapolated = Math.hypot(EXTRAPOLATION * -Math.log(used), unfinished(trial.cell, measurement, cpus));
    const completed = overloaded ? throughput + ofUnfinished(trial, measurement) : throughput;
    return readingOf(completed / used, counted, extrapolated);
  }
  // What is seen is not all that may be used up first.
  if (light.hidden && busiest < USED_UP) return undefined;
  const expected = saturationOf(trial, measurement, cpus, light);
  if (expected === undefined) return undefined;
  const proportional =
    expected.resource === 'database-connections' ||
    (expected.resource === 'workers' && isConcurrencyLimited(trial.cell.deployment.spec));
  const distance = Math.max(0, Math.log(expected.load / throughput));
  const perDistance = proportional
    ? PROPORTION
    : Math.max(PROPORTION, EXTRAPOLATION * Math.sqrt(expected.falling ?? 1));
  return readingOf(expected.load, counted, perDistance * distance);
}

/** Standard deviation of ln μ that the machine's noise causes: more than the noise itself where the CPUs are used up. */
export function noiseAt({ trial, measurement }: LoadPoint, noise: Fraction, light: LightLook): Fraction {
  const { cpu } = measurement.utilisation;
  const isLimit = cpu >= USED_UP && cpu >= Math.max(...Object.values(measurement.utilisation));
  return isLimit ? noise * sensitivityOf(trial, measurement, light) : noise;
}

/**
 * Standard deviation of ln μ, where the generator was late: the shares of CPU time are then not quite those of a trial in
 * which it was on time. From simulations in which it shares the CPUs.
 */
const SPOILED = 0.04;

/** Of the CPU time in use: if k6 takes more, the saturation is that of k6. */
const MOST_OF_GENERATOR: Fraction = 0.6;

/** Whether the saturation is that of k6: it used most of the CPU time in use, or nearly all that it may use. */
export function isGenerators({ cpuShare, utilisation, outOfConnections = 0 }: Measurement, cpus: number): boolean {
  if (outOfConnections > 0 || cpuShare.k6 > MOST_OF_GENERATOR * utilisation.cpu) return true;
  return cpuShare.k6 * cpus > USED_UP * generatorCpus(cpus);
}

/**
 * Reads the saturation from a trial that the generator spoiled. If it was overloaded and requests in progress never ran
 * out, its throughput is the saturation, whenever its arrivals were sent. If not, and the CPUs were nearly used up, the
 * saturation is near. Otherwise `undefined`.
 */
export function spoiledReading(
  { trial, measurement }: LoadPoint,
  { cpus }: Experiment,
  light: LightLook,
): SaturationReading | undefined {
  const { throughput, offeredLoad, utilisation, scored } = measurement;
  if (!(throughput > 0) || scored === 0 || isGenerators(measurement, cpus)) return undefined;
  const error = Math.hypot(countingError(measurement, light), SPOILED);
  // Answers that k6 has not read yet are in progress for k6 alone.
  const unread = throughput * meanOf(measurement.scheduleLag);
  const isNeverIdle = leastInProgress(trial, measurement) - unread >= placesOf(trial.cell, measurement, light);
  if (throughput < CARRIED * offeredLoad && isNeverIdle) {
    const completed = throughput + ofUnfinished(trial, measurement);
    return readingOf(completed, error, unfinished(trial.cell, measurement, cpus));
  }
  const expected = utilisation.cpu < USED_UP ? undefined : saturationOf(trial, measurement, cpus, light);
  if (expected === undefined) return undefined;
  return readingOf(expected.load, error, EXTRAPOLATION * Math.max(0, Math.log(expected.load / throughput)));
}

/**
 * Requests in progress that keep the deployment busy: one per slot, database connection or CPU; of a
 * hidden deployment as many as it serves at once, X S.
 */
function placesOf(cell: Cell, measurement: Measurement, light: LightLook): number {
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
 * Throughput lost because CPU time went to requests that were sent and not completed: f (S − X), from the utilisation law,
 * where S is sent, X is completed, and f is the share of a request's CPU time that half of k6's and nginx's is. 0 where
 * the CPUs have room.
 */
function ofUnfinished(trial: Trial, measurement: Measurement): PerSecond {
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

/** CPUs that workers keep busy below which none of them is an event loop that is used up. */
const A_LOOP = 0.5;

/** Standard deviation of ln μ from an offered load that is several times what is completed. */
function unfinished({ deployment }: Cell, measurement: Measurement, cpus: number): Fraction {
  const { utilisation, cpuShare, offeredLoad, throughput } = measurement;
  const waits = deployment.hidden
    ? utilisation.cpu < USED_UP && cpuShare.workers * cpus < A_LOOP
    : isConcurrencyLimited(deployment.spec);
  if (waits) return 0;
  const excess = offeredLoad / throughput;
  return UNFINISHED * Math.max(0, Math.log(excess) - SMALL_EXCESS);
}

function readingOf(saturation: PerSecond, counted: number, extrapolated: number): SaturationReading {
  return { logSaturation: Math.log(saturation), error: Math.hypot(counted, extrapolated), extrapolated };
}
