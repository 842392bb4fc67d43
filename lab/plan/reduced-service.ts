import type { Deployment } from '../../model/deployment.ts';
import type { Workload } from '../../model/experiment.ts';
import type { Component } from '../../model/measurement.ts';
import { deriveParallelism, requireSimulated } from '../../model/parallelism.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import {
  demandAt,
  growthAt,
  meanPerRequest,
  requirementsOf,
  type ServiceModel,
  workerDemandOf,
} from '../simulation/service-model.ts';

/** A deployment with its workload, reduced to what formulas ask for. */
export interface ReducedService {
  readonly cpus: number;
  /** What of them is left to the service. */
  readonly usableCpus: number;
  readonly limited: boolean;
  readonly workers: number;
  /** Whether a request waits for one worker, that of its connection, and not for whichever is free. */
  readonly isStuck: boolean;
  /** As many as there would be if each worker had as few as the one with fewest: the others' are of no use. */
  readonly connections: number;
  readonly nginxProcesses: number;
  readonly kinds: readonly Kind[];
  /** CPU seconds per request of each component, CPU work included, at so many requests a second. */
  demandAt(throughput: PerSecond): Record<Component, Seconds>;
}

/** Requests of one kind: their part of all, and what they ask for. */
export interface Kind {
  readonly share: Fraction;
  readonly cpuSeconds: Seconds;
  readonly statements: number;
  /** In the database, with what a wait takes beyond what is asked. */
  readonly wait: Seconds;
}

/** The deployment under the workload on so many CPUs, as the model has it. */
export function reduceService(
  deployment: Deployment,
  workload: Workload,
  model: ServiceModel,
  cpus: number,
): ReducedService {
  requireSimulated(deployment);
  const { spec } = deployment;
  const { workers, slots, dispatch } = deriveParallelism(deployment);
  const { nginxProcesses = cpus, lostCpu = 0 } = model;
  const kinds = readKinds(workload, model);
  const statements = meanPerRequest(kinds, kind => kind.statements);
  const cpuSeconds = meanPerRequest(kinds, kind => kind.cpuSeconds);
  const worker = workerDemandOf(model, spec.app);
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
      postgres: estimatePostgresDemand(statements, model, throughput, cpus),
      k6: demandAt(model.k6, throughput / cpus),
    }),
  };
}

/** The kinds of requests in a workload. */
export function readKinds(workload: Workload, model: ServiceModel): Kind[] {
  const { least, most } = model.databaseWait;
  return requirementsOf(workload, model).map(({ share, cpuSeconds, statements, wait }) => ({
    ...{ share, cpuSeconds, statements },
    wait: wait > 0 ? wait + (least + most) / 2 : 0,
  }));
}

/** CPU seconds of Postgres per request of so many statements, at so many requests a second on so many CPUs. */
export function estimatePostgresDemand(
  statements: number,
  model: ServiceModel,
  throughput: PerSecond,
  cpus: number,
): Seconds {
  return statements * demandAt(model.postgres, (throughput * statements) / cpus);
}
