import { limitedContainers } from '../../model/deployment.ts';
import type { Cell, Experiment, WorkloadRequest } from '../../model/experiment.ts';
import { meanOf, quantile as quantileOf } from '../../model/histogram.ts';
import {
  type ContainerCpus,
  isTold,
  type LimitedResource,
  type Measurement,
  type Resource,
  type ToldMeasurement,
} from '../../model/measurement.ts';
import { deriveParallelism, hasConnectionPerSlot } from '../../model/parallelism.ts';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { estimateWait, waitQuantile } from '../queueing/mgc.ts';
import type { LoadPoint } from '../search/load-curve.ts';
import { busyPerRequest, cpuPerRequest } from '../search/saturation.ts';
import { occupation } from '../search/trial-plan.ts';
import { CARRIED, type Concurrency } from './concurrency.ts';
import type { Demands } from './resource-limits.ts';

/** Why a load was not carried. */
export type Cause =
  /** It was: no load is known that is not. */
  | { readonly kind: 'limit-not-found' }
  /** The generator gave out before the deployment did: trials at higher loads are invalid. */
  | { readonly kind: 'generator' }
  /** The resource is busy nearly all the time. */
  | { readonly kind: 'used-up'; readonly resource: LimitedResource }
  /** A limit kept a container from running; `cpu`: the container or its limit is unknown. */
  | { readonly kind: 'throttled'; readonly resource: 'cpu' | ContainerCpus }
  /** The resource is free now and then, and yet the queue before it is as long as the objective allows. */
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
  /** Pauses, errors, or what nobody observes. */
  | { readonly kind: 'unexplained' };

/** A resource that is busy for this part of the time is used up: what is left are gaps between requests. */
const USED_UP: Fraction = 0.9;
/** In which a container's limit holds it up. */
const MUCH_THROTTLED: Fraction = 0.1;
/** Less busy than this a resource hardly ever has a queue. */
const LEAST_BUSY: Fraction = 0.4;
/** Connections of a hidden deployment are looked at now and then, and not while a request that has one waits for its worker. */
const SEEN_USED_UP: Fraction = 0.8;
/** Of the objective's time: a wait that is as long as this explains that it is missed. */
const EXPLAINS: Fraction = 0.5;
/** The same of a service time that is measured and not known. */
const SEEN_EXPLAINS: Fraction = 0.4;
/** How much longer than the mean the longest kind of request takes where it is the one that holds up others. */
const MUCH_LONGER = 3;

/**
 * What explains a load that was not carried. Who waits for something that is used up looks busy too: workers that wait
 * for a CPU, connections that wait for a busy loop. So what makes others wait is looked at first.
 */
export function causeOf(
  cell: Cell,
  point: LoadPoint,
  demands: Demands,
  experiment: Experiment,
  concurrency?: Concurrency,
): Cause {
  const { measurement, verdict } = point;
  const { utilisation, steal } = measurement;
  if (verdict.met) return { kind: 'limit-not-found' };
  const limit = causeInLimits(measurement);
  if (limit !== undefined) return limit;
  if (utilisation.cpu + steal >= USED_UP) return { kind: 'used-up', resource: 'cpu' };
  if (!isTold(measurement)) return causeSeenFromOutside(cell, point, concurrency, experiment);
  const behind = candidates(cell);
  const usedUp = behind.find(resource => measurement.utilisation[resource] >= USED_UP);
  if (usedUp !== undefined) return { kind: 'used-up', resource: usedUp };
  if (isTooLong(measurement, experiment))
    return { kind: 'work', responseTime: meanOf(measurement.responseTimeFromSend) };
  const longest = longestOf(cell);
  const { objective } = experiment;
  if (longest !== undefined && longest >= EXPLAINS * objective.responseTime) {
    return { kind: 'held-up', serviceTime: longest };
  }
  const queue = queueOf(cell, measurement, demands, experiment);
  return queue ?? { kind: 'unexplained' };
}

/**
 * Where workers do not tell. Where each slot has a connection of its own, connections say nothing beside how many
 * requests are served at once.
 */
function causeSeenFromOutside(
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

/** The limit of a container that is used up, or that held it up: the fullest of them, or the one that did so for longest. */
function causeInLimits({ utilisation, throttled, throttledBy = {} }: Measurement): Cause | undefined {
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

/** What can be used up beside the CPUs, in the order in which the one makes the other look busy. */
function candidates({ deployment }: Cell): Resource[] {
  return hasConnectionPerSlot(deployment) ? ['workers', 'nginx'] : ['workers', 'nginx', 'database-connections'];
}

/** Whether the half of the requests that had to wait least took too long all the same. */
function isTooLong(
  { responseTimeFromSend, workers, utilisation }: ToldMeasurement,
  { objective }: Experiment,
): boolean {
  const busiest = Math.max(
    utilisation.cpu,
    utilisation.workers,
    utilisation['database-connections'],
    utilisation.nginx,
  );
  const { length } = workers;
  return length > 0 && busiest < LEAST_BUSY && quantileOf(responseTimeFromSend, 0.5) > objective.responseTime;
}

/** The resource before which a queue explains the miss, the one with the longest first. */
function queueOf(
  cell: Cell,
  measurement: ToldMeasurement,
  demands: Demands,
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
    .map(queue => ({ ...queue, wait: waitAt(objective.quantile, utilisation[queue.resource], queue) }))
    .sort((a, b) => b.wait - a.wait);
  if (longest === undefined || longest.wait + longest.serviceTime < EXPLAINS * objective.responseTime) return undefined;
  return { kind: 'queue', resource: longest.resource, serviceTime: longest.serviceTime };
}

/**
 * The wait of M/M/c that the fraction q of the requests does not exceed, with the utilisation for Erlang's C, which it is
 * with one server.
 */
function waitAt(
  quantile: Fraction,
  utilisation: Fraction,
  { serviceTime, servers }: { serviceTime: Seconds; servers: number },
): Seconds {
  // Infinite, or no number, where no request was completed.
  if (!(serviceTime < Number.POSITIVE_INFINITY)) return serviceTime;
  const excess = (servers * (1 - utilisation)) / serviceTime;
  return waitQuantile(estimateWait({ waiting: utilisation, excess, serviceVariation: 1 }), quantile);
}

/** How long a request of the longest kind keeps its worker, where it is one of several and much longer than they are. */
function longestOf({ deployment, workload }: Cell): Seconds | undefined {
  const limited = isConcurrencyLimited(deployment.spec);
  const kept = (request: WorkloadRequest) => occupation(request, limited);
  const weights = workload.requests.reduce((sum, { weight }) => sum + weight, 0);
  const mean = workload.requests.reduce((sum, request) => sum + request.weight * kept(request), 0) / weights;
  const longest = Math.max(...workload.requests.map(kept));
  return longest >= MUCH_LONGER * mean && mean > 0 ? longest : undefined;
}
