import { limitedContainers } from '../../model/deployment.ts';
import type { Cell, Experiment, WorkloadRequest } from '../../model/experiment.ts';
import { meanOf, quantile } from '../../model/histogram.ts';
import {
  type ContainerCpus,
  isTold,
  type LimitedResource,
  type Measurement,
  type Resource,
  type ToldMeasurement,
  type TrialResult,
} from '../../model/measurement.ts';
import { deriveParallelism, hasConnectionPerSlot } from '../../model/parallelism.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { estimateWait, waitQuantile } from '../queueing/mgc.ts';
import type { LoadPoint } from '../search/load-curve.ts';
import { busyPerRequest, cpuPerRequest, holdPerRequest } from '../search/saturation.ts';
import { CARRIED } from '../search/saturation-reading.ts';
import { occupation } from '../search/trial-plan.ts';

/** Why a load was not carried. */
export type Cause =
  /** It was carried: no missed load is known. */
  | { readonly kind: 'limit-not-found' }
  /** The generator reached its limit first: trials at higher loads are invalid. */
  | { readonly kind: 'generator' }
  /** The resource is busy nearly all the time. */
  | { readonly kind: 'used-up'; readonly resource: LimitedResource }
  /** A limit kept a container from running; `cpu`: the container or its limit is unknown. */
  | { readonly kind: 'throttled'; readonly resource: 'cpu' | ContainerCpus }
  /** The resource is idle at times, but the queue for it is as long as the objective allows. */
  | { readonly kind: 'queue'; readonly resource: Resource; readonly serviceTime: Seconds }
  /** A request takes longer than the objective allows, even without a queue. */
  | { readonly kind: 'work'; readonly responseTime: Seconds }
  /** Requests wait behind single long ones. */
  | { readonly kind: 'held-up'; readonly serviceTime: Seconds }
  /** A hidden deployment serves no more requests at once; CPUs and other observed resources are not saturated. */
  | {
      readonly kind: 'concurrency';
      readonly resource: 'workers';
      readonly atOnce: number;
      readonly responseTime: Seconds;
    }
  /** Pauses, errors, or something that is not observed. */
  | { readonly kind: 'unexplained' };

/** Seconds for which a request keeps a worker and a database connection, without waits for other resources. */
export interface CellDemands {
  readonly worker: Seconds;
  readonly connection: Seconds;
}

/** The least that was measured: at other loads they are also held while the request waits for something used up. */
export function findDemands(measurements: readonly Measurement[]): CellDemands {
  const least = (of: (measurement: Measurement) => Seconds) => Math.min(...measurements.map(of));
  return { worker: least(busyPerRequest), connection: least(holdPerRequest) };
}

/** Utilisation from which on a resource is used up: the rest are gaps between requests. */
const USED_UP: Fraction = 0.9;
/** Part of the time for which a limit holds a container up. */
const MUCH_THROTTLED: Fraction = 0.1;
/** Utilisation below which a resource hardly ever has a queue. */
const LEAST_BUSY: Fraction = 0.4;
/** The same for connections of a hidden deployment, which are sampled, and not seen while their request waits for a worker. */
const SEEN_USED_UP: Fraction = 0.8;
/** Of the objective's time: a wait as long as this explains a miss. */
const EXPLAINS: Fraction = 0.5;
/** The same for a service time that is measured and not known. */
const SEEN_EXPLAINS: Fraction = 0.4;
/** Times the mean that a request takes if it holds up others. */
const MUCH_LONGER = 3;

/**
 * Explains a load that was not carried. A worker that waits for a CPU looks busy too, and so does a connection that waits
 * for a busy loop: resources that make others wait come first.
 */
export function findCause(
  cell: Cell,
  point: LoadPoint,
  demands: CellDemands,
  experiment: Experiment,
  concurrency?: Concurrency,
): Cause {
  const { measurement, verdict } = point;
  const { utilisation, steal } = measurement;
  const { objective } = experiment;
  if (verdict.met) return { kind: 'limit-not-found' };
  const limit = findUsedUpLimit(measurement);
  if (limit !== undefined) return limit;
  if (utilisation.cpu + steal >= USED_UP) return { kind: 'used-up', resource: 'cpu' };
  if (!isTold(measurement)) return findCauseFromOutside(cell, point, concurrency, experiment);
  const behind = hasConnectionPerSlot(cell.deployment)
    ? (['workers', 'nginx'] as const)
    : (['workers', 'nginx', 'database-connections'] as const);
  const usedUp = behind.find(resource => measurement.utilisation[resource] >= USED_UP);
  if (usedUp !== undefined) return { kind: 'used-up', resource: usedUp };
  if (isTooLong(measurement, experiment))
    return { kind: 'work', responseTime: meanOf(measurement.responseTimeFromSend) };
  const longest = longestOccupation(cell);
  if (longest !== undefined && longest >= EXPLAINS * objective.responseTime) {
    return { kind: 'held-up', serviceTime: longest };
  }
  return findQueue(cell, measurement, demands, experiment) ?? { kind: 'unexplained' };
}

/** Of a hidden deployment. If each slot has a connection of its own, connections say no more than the concurrency. */
function findCauseFromOutside(
  cell: Cell,
  { measurement }: LoadPoint,
  concurrency: Concurrency | undefined,
  { objective }: Experiment,
): Cause {
  const { utilisation, throughput, offeredLoad } = measurement;
  if (utilisation.nginx >= USED_UP) return { kind: 'used-up', resource: 'nginx' };
  const connections = utilisation['database-connections'] ?? 0;
  if (!hasConnectionPerSlot(cell.deployment) && connections >= SEEN_USED_UP) {
    return { kind: 'used-up', resource: 'database-connections' };
  }
  if (concurrency === undefined) return { kind: 'unexplained' };
  const { responseTime, longest, atOnce } = concurrency;
  if (responseTime > objective.responseTime) return { kind: 'work', responseTime };
  const isOverloaded = throughput < CARRIED * offeredLoad;
  if (!isOverloaded && longest >= SEEN_EXPLAINS * objective.responseTime && longest >= MUCH_LONGER * responseTime) {
    return { kind: 'held-up', serviceTime: longest };
  }
  return { kind: 'concurrency', resource: 'workers', atOnce, responseTime };
}

/** The container limit that is used up most, or that held its container up for longest. */
function findUsedUpLimit({ utilisation, throttled, throttledBy = {} }: Measurement): Cause | undefined {
  const limited = limitedContainers.flatMap(container => {
    const resource: ContainerCpus = `${container}-cpus`;
    const used = utilisation[resource];
    return used === undefined ? [] : [{ resource, used, heldUp: throttledBy[container] ?? 0 }];
  });
  const [fullest] = limited.toSorted((a, b) => b.used - a.used);
  if (fullest !== undefined && fullest.used >= USED_UP) return { kind: 'used-up', resource: fullest.resource };
  if ((throttled ?? 0) < MUCH_THROTTLED) return undefined;
  const [longest] = limited.toSorted((a, b) => b.heldUp - a.heldUp);
  const isKnown = longest !== undefined && longest.heldUp === throttled;
  return { kind: 'throttled', resource: isKnown ? longest.resource : 'cpu' };
}

/** Whether even the half of the requests that waited least took too long. */
function isTooLong(
  { responseTimeFromSend, workers, utilisation }: ToldMeasurement,
  { objective }: Experiment,
): boolean {
  const { cpu, nginx, workers: busy, 'database-connections': connections } = utilisation;
  const busiest = Math.max(cpu, busy, connections, nginx);
  return workers.length > 0 && busiest < LEAST_BUSY && quantile(responseTimeFromSend, 0.5) > objective.responseTime;
}

/** The resource whose queue explains the miss: the one with the longest wait. */
function findQueue(
  cell: Cell,
  measurement: ToldMeasurement,
  demands: CellDemands,
  { objective, cpus }: Experiment,
): Cause | undefined {
  const { utilisation } = measurement;
  const { deployment } = cell;
  const { slots, cpuCeiling } = deriveParallelism(deployment);
  const limited = isConcurrencyLimited(deployment.spec);
  const queues: { resource: Resource; serviceTime: Seconds; servers: number }[] = [
    { resource: 'cpu', serviceTime: cpuPerRequest(measurement), servers: cpus },
    {
      resource: 'workers',
      serviceTime: limited ? demands.worker : busyPerRequest(measurement),
      servers: limited ? slots : cpuCeiling,
    },
  ];
  if (!hasConnectionPerSlot(deployment)) {
    const { databaseConnections } = deployment;
    queues.push({ resource: 'database-connections', serviceTime: demands.connection, servers: databaseConnections });
  }
  const [longest] = queues
    .filter(({ resource }) => utilisation[resource] >= LEAST_BUSY)
    .map(queue => ({ ...queue, wait: waitFor(objective.quantile, utilisation[queue.resource], queue) }))
    .sort((a, b) => b.wait - a.wait);
  if (longest === undefined || longest.wait + longest.serviceTime < EXPLAINS * objective.responseTime) return undefined;
  return { kind: 'queue', resource: longest.resource, serviceTime: longest.serviceTime };
}

/** The wait that the fraction q of the requests does not exceed: M/M/c, with the utilisation for Erlang's C. */
function waitFor(
  q: Fraction,
  utilisation: Fraction,
  { serviceTime, servers }: { serviceTime: Seconds; servers: number },
): Seconds {
  // Infinite, or no number, if no request was completed.
  if (!(serviceTime < Number.POSITIVE_INFINITY)) return serviceTime;
  const excess = (servers * (1 - utilisation)) / serviceTime;
  return waitQuantile(estimateWait({ waiting: utilisation, excess, serviceVariation: 1 }), q);
}

/** Seconds for which the longest request keeps its worker, if it is much longer than the others. */
function longestOccupation({ deployment, workload }: Cell): Seconds | undefined {
  const limited = isConcurrencyLimited(deployment.spec);
  const kept = (request: WorkloadRequest) => occupation(request, limited);
  const weights = workload.requests.reduce((sum, { weight }) => sum + weight, 0);
  const mean = workload.requests.reduce((sum, request) => sum + request.weight * kept(request), 0) / weights;
  const longest = Math.max(...workload.requests.map(kept));
  return longest >= MUCH_LONGER * mean && mean > 0 ? longest : undefined;
}

/** How many requests a hidden deployment serves at once: c = X S, Little's law at its saturation. */
interface Concurrency {
  /** c. */
  readonly atOnce: number;
  /** X: its highest throughput. */
  readonly throughput: PerSecond;
  /** S: the mean response time at light load. */
  readonly responseTime: Seconds;
  /** Its 95 % quantile. */
  readonly longest: Seconds;
}

/** Measures it from the results of a hidden cell; `undefined` for a told one, or before its light look. */
export function measureConcurrency({ deployment }: Cell, own: readonly TrialResult[]): Concurrency | undefined {
  if (!deployment.hidden) return undefined;
  const completed = own.flatMap(result => (result.state === 'completed' ? [result] : []));
  const light = completed.find(({ trial }) => trial.purpose === 'light')?.measurement;
  if (light === undefined || light.responseTimeFromSend.count === 0) return undefined;
  const loads = completed.filter(({ trial }) => trial.load.model === 'open' && trial.purpose !== 'claim');
  if (loads.length === 0) return undefined;
  const throughput = Math.max(...loads.map(({ measurement }) => measurement.throughput));
  const responseTime = meanOf(light.responseTimeFromSend);
  const longest = quantile(light.responseTimeFromSend, 0.95);
  return { atOnce: throughput * responseTime, throughput, responseTime, longest };
}
