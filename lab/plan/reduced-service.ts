import type { Deployment } from '../../model/deployment.ts';
import type { Workload } from '../../model/experiment.ts';
import { type Component, components } from '../../model/measurement.ts';
import { deriveParallelism, requireSimulated } from '../../model/parallelism.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { waitingProbability } from '../queueing/erlang-c.ts';
import {
  demandAt,
  deriveRequirements,
  growthAt,
  meanPerRequest,
  type Requirements,
  type ServiceModel,
  workerDemandOf,
} from '../simulation/service-model.ts';

/** A deployment with its workload, reduced to what formulas need. */
export interface ReducedService {
  readonly cpus: number;
  /** Without the part that other programs keep. */
  readonly usableCpus: number;
  /** Whether a request holds its worker while it waits for the database. */
  readonly limited: boolean;
  readonly workers: number;
  /** Whether a request waits for the worker of its connection and not for any free one. */
  readonly isStuck: boolean;
  /** As if each worker had as few as the one with fewest: the others' are of no use. */
  readonly connections: number;
  readonly nginxProcesses: number;
  readonly kinds: readonly Requirements[];
  /** CPU seconds per request of each component, CPU work included. */
  demandAt(throughput: PerSecond): Record<Component, Seconds>;
}

/** The deployment under the workload on so many CPUs. */
export function reduceService(
  deployment: Deployment,
  workload: Workload,
  model: ServiceModel,
  cpus: number,
): ReducedService {
  requireSimulated(deployment);
  const { workers, slots, dispatch } = deriveParallelism(deployment);
  const { nginxProcesses = cpus, lostCpu = 0 } = model;
  const kinds = requestKinds(workload, model);
  const statements = meanPerRequest(kinds, kind => kind.statements);
  const cpuSeconds = meanPerRequest(kinds, kind => kind.cpuSeconds);
  const worker = workerDemandOf(model, deployment.spec.app);
  const growth = growthAt(worker.growth, workers);
  return {
    cpus,
    usableCpus: cpus * (1 - lostCpu),
    limited: Number.isFinite(slots),
    isStuck: dispatch === 'kept-connections',
    workers,
    connections: workers * Math.floor(deployment.databaseConnections / workers),
    nginxProcesses,
    kinds,
    demandAt: throughput => ({
      nginx: demandAt(model.nginx, throughput / nginxProcesses),
      workers:
        cpuSeconds +
        growth * demandAt(worker.request, throughput / workers) +
        growth * statements * demandAt(worker.statement, (throughput / workers) * statements),
      postgres: postgresDemandAt(throughput, statements, model, cpus),
      k6: demandAt(model.k6, throughput / cpus),
    }),
  };
}

/** The kinds of requests of a workload, their waits with what the database adds. */
export function requestKinds(workload: Workload, model: ServiceModel): Requirements[] {
  const { least, most } = model.databaseWait;
  return deriveRequirements(workload, model).map(kind => ({
    ...kind,
    wait: kind.wait > 0 ? kind.wait + (least + most) / 2 : 0,
  }));
}

/** CPU seconds of Postgres per request of so many statements. */
export function postgresDemandAt(
  throughput: PerSecond,
  statements: number,
  { postgres }: ServiceModel,
  cpus: number,
): Seconds {
  return statements * demandAt(postgres, (throughput * statements) / cpus);
}

/** What requests need and hold at an open load; seconds per request. */
export interface LoadedService {
  readonly demand: Record<Component, Seconds>;
  /** CPU over all components. */
  readonly total: Seconds;
  /** How many times as long as alone a worker computes. */
  readonly stretch: number;
  readonly workerHold: Seconds;
  /** Over all requests, those without statements included. */
  readonly connectionHold: Seconds;
  /** The part of the requests that query the database. */
  readonly querying: number;
}

export function loadService(service: ReducedService, arrivalRate: PerSecond): LoadedService {
  const { kinds, limited } = service;
  const demand = service.demandAt(arrivalRate);
  const total = components.reduce((sum, component) => sum + demand[component], 0);
  const stretch = stretchAt(service, arrivalRate, total, total - demand.workers);
  const wait = meanPerRequest(kinds, kind => kind.wait);
  const querying = meanPerRequest(kinds, ({ statements }) => (statements > 0 ? 1 : 0));
  const own = demand.workers - meanPerRequest(kinds, ({ cpuSeconds }) => cpuSeconds);
  return {
    ...{ demand, total, stretch, querying },
    workerHold: stretch * demand.workers + (limited ? stretch * demand.postgres + wait : 0),
    connectionHold: querying === 0 ? 0 : wait + stretch * (demand.postgres + (querying * own) / 2),
  };
}

/** The CPUs are called used up long before. */
const MOST_STRETCH = 1000;

/**
 * As processor sharing has it, 1 + C ÷ (c (1 − ρ)); but where all w threads compute they share what the others leave of
 * the c CPUs, so that it is at most max(1, w ÷ c) ÷ (1 − u), u: the part of the CPUs that others use.
 */
function stretchAt(service: ReducedService, arrivalRate: PerSecond, total: Seconds, others: Seconds): number {
  const { cpus, usableCpus, workers } = service;
  const lost = cpus / usableCpus;
  const usedByOthers = (arrivalRate * others) / usableCpus;
  if (usedByOthers >= 1) return MOST_STRETCH;
  const most = Math.max(1, workers / cpus) / (1 - usedByOthers);
  const serviceTime = total * lost;
  const busy = arrivalRate * serviceTime;
  if (busy === 0) return lost;
  if (busy >= cpus) return Math.min(MOST_STRETCH, lost * most);
  const waiting = waitingProbability({ arrivalRate, serviceTime, servers: cpus });
  return Math.min(MOST_STRETCH, lost * Math.min(most, 1 + waiting / (cpus - busy)));
}
