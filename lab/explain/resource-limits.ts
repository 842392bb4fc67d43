import { limitedCpus } from '../../model/deployment.ts';
import type { Cell } from '../../model/experiment.ts';
import type { LimitedResource, Measurement, Resource } from '../../model/measurement.ts';
import { deriveParallelism, hasConnectionPerSlot } from '../../model/parallelism.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import {
  busyPerRequest,
  concave,
  containerSaturations,
  cpuPerRequest,
  holdPerRequest,
  sharedWithLoad,
} from '../search/saturation.ts';

/**
 * The load at which each resource would be used up, whatever becomes of the others; infinite where it is not needed, or not known. The
 * CPU time of a container is a resource where it is limited.
 */
export type ResourceLimits = Readonly<Record<Resource, PerSecond> & Partial<Record<LimitedResource, PerSecond>>>;

/** What one request takes of each resource, whether or not others have to wait for it. */
export interface Demands {
  /** Seconds that a request keeps a worker, a database connection. */
  readonly worker: Seconds;
  readonly connection: Seconds;
}

/**
 * The least that was measured: a worker and a connection are also held while the request waits for something that is
 * used up, which is no property of theirs.
 */
export function demandsOf(measurements: readonly Measurement[]): Demands {
  const least = (of: (measurement: Measurement) => Seconds) => Math.min(...measurements.map(of));
  return { worker: least(busyPerRequest), connection: least(holdPerRequest) };
}

/**
 * By the utilisation law, X = U ÷ D: what waits takes the same time at every load, so that its limit is the number of
 * servers ÷ demand; what computes takes less as load grows, which `concave` knows.
 */
export function computeResourceLimits(cell: Cell, measurement: Measurement, demands: Demands): ResourceLimits {
  const { throughput, utilisation, serviceDemand } = measurement;
  const { deployment } = cell;
  const limited = isConcurrencyLimited(deployment.spec);
  const cpu = cpuPerRequest(measurement);
  const limits: Record<Resource, PerSecond> & Partial<Record<LimitedResource, PerSecond>> = {
    cpu: concave(throughput, utilisation.cpu, cpu, sharedWithLoad.cpu),
    workers: limited
      ? deriveParallelism(deployment).slots / demands.worker
      : concave(throughput, loopUtilisation(cell, measurement), busyPerRequest(measurement), sharedWithLoad.workers),
    'database-connections': hasConnectionPerSlot(deployment)
      ? Number.POSITIVE_INFINITY
      : deployment.databaseConnections / demands.connection,
    nginx: concave(throughput, utilisation.nginx, serviceDemand.nginx, sharedWithLoad.nginx),
    ...Object.fromEntries(containerSaturations(measurement).map(({ resource, load }) => [resource, load])),
  };
  for (const [resource, load] of Object.entries(limits)) {
    if (!(load > 0)) limits[resource as LimitedResource] = Number.POSITIVE_INFINITY;
  }
  return limits;
}

/** How busy the event loops are: by their CPU time where a limit holds them up, since a loop that is held up looks busy. */
function loopUtilisation(cell: Cell, { utilisation }: Measurement): Fraction {
  const limit = limitedCpus(cell.deployment.containers?.workers);
  const used = utilisation['workers-cpus'];
  return limit === undefined || used === undefined
    ? (utilisation.workers ?? Number.NaN)
    : (used * limit) / deriveParallelism(cell.deployment).cpuCeiling;
}
