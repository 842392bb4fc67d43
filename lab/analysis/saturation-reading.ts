import { topologyOf } from '../../services/topologies.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { PerSecond } from '../experiment/units.ts';
import type { LoadPoint } from './load-curve.ts';
import { saturationOf } from './saturation.ts';

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
 * expect. `burstiness` less 1 is the squared variation of service, which the mean of few completions is uncertain by.
 */
export function saturationReading(
  { trial, measurement }: LoadPoint,
  { cpus }: Experiment,
  burstiness: number,
): SaturationReading | undefined {
  const { throughput, offeredLoad, utilisation, scored } = measurement;
  if (!(throughput > 0) || scored === 0) return undefined;
  const counted = Math.sqrt((Math.max(0, burstiness - 1) + 0.01) / Math.max(1, throughput * measurement.observed));
  const busiest = Math.max(...Object.values(utilisation));
  const overloaded = throughput < CARRIED * offeredLoad;
  if (busiest >= USED_UP || overloaded) {
    const used = busiest >= USED_UP ? Math.min(1, busiest) : 1;
    const { blocking } = topologyOf(trial.cell.deployment.topology);
    const excess = blocking ? 0 : Math.max(0, Math.log(offeredLoad / throughput) - SMALL_EXCESS);
    return readingOf(throughput / used, counted, Math.hypot(EXTRAPOLATION * -Math.log(used), UNFINISHED * excess));
  }
  const expected = saturationOf(trial, measurement, cpus);
  if (expected === undefined) return undefined;
  const proportional =
    expected.resource === 'database-connections' ||
    (expected.resource === 'workers' && topologyOf(trial.cell.deployment.topology).blocking);
  const distance = Math.max(0, Math.log(expected.load / throughput));
  return readingOf(expected.load, counted, (proportional ? PROPORTION : EXTRAPOLATION) * distance);
}

function readingOf(saturation: PerSecond, counted: number, extrapolated: number): SaturationReading {
  return { logSaturation: Math.log(saturation), error: Math.hypot(counted, extrapolated), extrapolated };
}
