import { topologyOf } from '../../services/topologies.ts';
import { workerCount } from '../experiment/cell.ts';
import type { Cell, Experiment, Trial } from '../experiment/experiment.ts';
import type { Measurement } from '../experiment/trial-result.ts';
import type { Fraction, PerSecond } from '../experiment/units.ts';
import type { LightLook } from './light-look.ts';
import type { LoadPoint } from './load-curve.ts';
import { holdPerRequest, saturationOf, sensitivityOf } from './saturation.ts';

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
  const overloaded = throughput < CARRIED * offeredLoad;
  // What is carried by CPUs that are nearly used up takes less CPU a request when they are.
  if (overloaded || (busiest >= USED_UP && utilisation.cpu < USED_UP)) {
    const used = busiest >= USED_UP ? Math.min(1, busiest) : 1;
    const extrapolated = Math.hypot(EXTRAPOLATION * -Math.log(used), unfinished(trial.cell, offeredLoad / throughput));
    const completed = overloaded ? throughput + ofUnfinished(trial, measurement) : throughput;
    return readingOf(completed / used, counted, extrapolated);
  }
  const expected = saturationOf(trial, measurement, cpus, light);
  if (expected === undefined) return undefined;
  const proportional =
    expected.resource === 'database-connections' ||
    (expected.resource === 'workers' && topologyOf(trial.cell.deployment.topology).blocking);
  const distance = Math.max(0, Math.log(expected.load / throughput));
  return readingOf(expected.load, counted, (proportional ? PROPORTION : EXTRAPOLATION) * distance);
}

/** Of ln μ: how much the noise of the machine, which is one of speed, changes what a trial can complete. */
export function noiseAt({ trial, measurement }: LoadPoint, noise: Fraction, light: LightLook): Fraction {
  const { cpu } = measurement.utilisation;
  const isLimit = cpu >= USED_UP && cpu >= Math.max(...Object.values(measurement.utilisation));
  return isLimit ? noise * sensitivityOf(trial, measurement, light) : noise;
}

/**
 * Of ln μ, where the generator did not get the CPU that it wanted: how the CPUs are shared out is not as it is where it
 * does. As simulations show in which it shares the CPUs and is late.
 */
const SPOILED = 0.04;

/** Of the CPU time that is used: where k6 takes more, a saturation is its own. */
const MOST_OF_GENERATOR: Fraction = 0.6;

/** Whether what is used up, or nearly, is so by the generator rather than by the deployment. */
export function isGenerators({ cpuShare, utilisation }: Measurement): boolean {
  return cpuShare.k6 > MOST_OF_GENERATOR * utilisation.cpu;
}

/**
 * What a trial says that the generator spoiled: where it was overloaded and requests in progress never ran out, what was
 * completed is the saturation, whenever their arrivals were sent; where they did and the CPUs were nearly used up, the
 * saturation is near. `undefined`: neither.
 */
export function spoiledReading(
  { trial, measurement }: LoadPoint,
  { cpus }: Experiment,
  light: LightLook,
): SaturationReading | undefined {
  const { throughput, offeredLoad, utilisation, scored } = measurement;
  if (!(throughput > 0) || scored === 0 || isGenerators(measurement)) return undefined;
  const error = Math.hypot(countingError(measurement, light), SPOILED);
  const isNeverIdle = leastInProgress(trial, measurement) >= placesOf(trial.cell, measurement);
  if (throughput < CARRIED * offeredLoad && isNeverIdle) {
    const completed = throughput + ofUnfinished(trial, measurement);
    return readingOf(completed, error, unfinished(trial.cell, offeredLoad / throughput));
  }
  const expected = utilisation.cpu < USED_UP ? undefined : saturationOf(trial, measurement, cpus, light);
  if (expected === undefined) return undefined;
  return readingOf(expected.load, error, EXTRAPOLATION * Math.max(0, Math.log(expected.load / throughput)));
}

/** Requests that keep everything busy that the deployment has: a blocking worker takes one, an event loop one for each connection. */
function placesOf(cell: Cell, measurement: Measurement): number {
  const { topology, databaseConnections } = cell.deployment;
  const isConnected = !topologyOf(topology).blocking && holdPerRequest(measurement) > 0;
  return isConnected ? databaseConnections : workerCount(cell);
}

function leastInProgress(trial: Trial, measurement: Measurement): number {
  const steady = steadyInProgress(trial, measurement);
  return steady.length === 0 ? 0 : Math.min(...steady.map(({ requests }) => requests));
}

function steadyInProgress({ phases: { warmUp } }: Trial, { inProgress, observed }: Measurement) {
  return inProgress.filter(({ time }) => time >= warmUp && time <= warmUp + observed);
}

/**
 * Requests that would have been completed as well, had not the CPUs been spent on sending others and passing them on:
 * X = μ − f (S − X), by the utilisation law, where S are those that were sent, and f is what half of k6's and nginx's CPU
 * time is of all. None where the CPUs have room.
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

/**
 * Of ln μ in one second, if all CPU time were that of k6 and nginx: where the CPUs are full, what they have begun and not
 * completed rises and falls.
 */
const FULL_CPUS = 0.12;

/** The mean of few completions is uncertain by the variation of service, which burstiness less 1 is the square of. */
function countingError(measurement: Measurement, { burstiness }: LightLook): Fraction {
  const { throughput, observed, utilisation, cpuShare } = measurement;
  const counted = Math.sqrt((Math.max(0, burstiness - 1) + 0.01) / Math.max(1, throughput * observed));
  if (utilisation.cpu < USED_UP) return counted;
  const begun = (cpuShare.k6 + cpuShare.nginx) / utilisation.cpu;
  return Math.hypot(counted, (FULL_CPUS * begun) / Math.sqrt(observed));
}

/** What a load so many times above what is completed may cost. */
function unfinished({ deployment }: Cell, excess: number): Fraction {
  if (topologyOf(deployment.topology).blocking) return 0;
  return UNFINISHED * Math.max(0, Math.log(excess) - SMALL_EXCESS);
}

function readingOf(saturation: PerSecond, counted: number, extrapolated: number): SaturationReading {
  return { logSaturation: Math.log(saturation), error: Math.hypot(counted, extrapolated), extrapolated };
}
