import { SECONDS_PER_UNIT, workOfRequest } from '../../model/contract/work.ts';
import { type Deployment, measuredMemory, memoryOfWorkers, type WorkersMemory } from '../../model/deployment.ts';
import type { Workload } from '../../model/experiment.ts';
import type { Component } from '../../model/measurement.ts';
import type { Bytes, Fraction, PerSecond, Seconds } from '../../model/quantities.ts';

/** What the service takes of a machine, request by request. Plain data, fitted to measurements and kept in files. */
export interface ServiceModel {
  /** What the figures were taken from. */
  readonly source: string;
  /** CPU of nginx a request, by the requests a second of one nginx process. */
  readonly nginx: CpuDemand;
  /** As many as the machine has cores unless it is set. */
  readonly nginxProcesses?: number;
  /** CPU of k6 a request, by the requests a second for each CPU of the machine. */
  readonly k6: CpuDemand;
  /** k6's event loops, each of which handles one request at a time. Unset: requests never wait in k6. */
  readonly sources?: number;
  /** CPU of Postgres a statement, by the statements a second for each CPU of the machine. */
  readonly postgres: CpuDemand;
  /** By the app that workers run. */
  readonly workers: Readonly<Record<string, WorkerDemand>>;
  /** The app whose workers stand for those of apps that were not measured. */
  readonly standIn: string;
  readonly databaseWait: {
    /** How much longer than asked a wait takes: evenly spread between the two. */
    readonly least: Seconds;
    readonly most: Seconds;
    /** Whether waits are as long as asked, or exponential with that mean. */
    readonly distribution: 'as-asked' | 'exponential';
  };
  /** CPU of one unit of CPU work. */
  readonly cpuSecondsPerUnit: Seconds;
  /** Multiplies the CPU work that a request asks for; 1 unless it is set. */
  readonly cpuWork?: Fraction;
  /** CPU of a statement that reads or writes at once, as a part of one that waits; 1 unless it is set. */
  readonly readStatement?: Fraction;
  /** The part of the CPUs that the system, other programs and a hypervisor keep; 0 unless it is set. */
  readonly lostCpu?: Fraction;
  readonly memory: MemoryModel;
}

/**
 * CPU seconds that fall as the load grows, because wake-ups are shared:
 * D(λ) = least + (light − least) ÷ (1 + λ ÷ half), where λ is the load, per second.
 */
export interface CpuDemand {
  readonly light: Seconds;
  readonly least: Seconds;
  /** The load at which half of what can be shared is. */
  readonly half: PerSecond;
}

/** CPU of a worker, by the requests, or statements, a second of one worker. */
export interface WorkerDemand {
  readonly request: CpuDemand;
  readonly statement: CpuDemand;
  /** How it grows with the number of workers; it does not unless it is set. */
  readonly growth?: DemandGrowth;
}

/**
 * Workers that slow one another down: with n of them a request takes 1 + contention (n − 1) + coherency n (n − 1) times what
 * it takes with one, the universal scalability law seen from its service demand (N. Gunther, 2007, equation 4.31).
 */
export interface DemandGrowth {
  readonly contention: number;
  readonly coherency: number;
}

export interface MemoryModel extends WorkersMemory {
  readonly nginx: Bytes;
  /** Each request in progress in a worker. */
  readonly request: Bytes;
  readonly postgres: Bytes;
  readonly databaseConnection: Bytes;
  readonly k6: Bytes;
}

/** The demand at so many a second. */
export function demandAt({ light, least, half }: CpuDemand, load: PerSecond): Seconds {
  return least + (light - least) / (1 + load / half);
}

/** Times the demand with one worker. */
export function growthAt(growth: DemandGrowth | undefined, workers: number): number {
  if (growth === undefined) return 1;
  return 1 + growth.contention * (workers - 1) + growth.coherency * workers * (workers - 1);
}

/** CPU of a worker that runs this app. */
export function workerDemandOf(model: ServiceModel, app: string): WorkerDemand {
  const found = model.workers[app] ?? model.workers[model.standIn];
  if (found === undefined) throw new RangeError(`the service model has no workers of ${app} or ${model.standIn}`);
  return found;
}

/** The workers of a service, each with another demand. */
export function mapWorkers(
  { workers }: Pick<ServiceModel, 'workers'>,
  change: (worker: WorkerDemand, app: string) => WorkerDemand,
): ServiceModel['workers'] {
  return Object.fromEntries(Object.entries(workers).map(([app, worker]) => [app, change(worker, app)]));
}

/** The service with another CPU demand of each component, in the order nginx, k6, postgres, workers. */
export function mapDemands(
  service: ServiceModel,
  change: (demand: CpuDemand, component: Component) => CpuDemand,
): ServiceModel {
  return {
    ...service,
    nginx: change(service.nginx, 'nginx'),
    k6: change(service.k6, 'k6'),
    postgres: change(service.postgres, 'postgres'),
    workers: mapWorkers(service, worker => ({
      ...worker,
      request: change(worker.request, 'workers'),
      statement: change(worker.statement, 'workers'),
    })),
  };
}

/** What a request of one kind costs the service. */
export interface Requirements {
  /** The part of all requests that are of this kind, and with those of the kinds before it. */
  readonly share: Fraction;
  readonly cumulative: Fraction;
  /** CPU of its worker beyond what every request takes. */
  readonly cpuSeconds: Seconds;
  /** Of Postgres, in statements that wait. */
  readonly statements: number;
  /** In the database, as asked for. */
  readonly wait: Seconds;
}

/** What each kind of request of the workload costs. */
export function deriveRequirements(workload: Workload, model: ServiceModel): Requirements[] {
  const total = workload.requests.reduce((sum, { weight }) => sum + weight, 0);
  const { cpuWork = 1, readStatement = 1 } = model;
  let cumulative = 0;
  return workload.requests.map(request => {
    const share = request.weight / total;
    cumulative += share;
    const { computing, waiting, waits, reads } = workOfRequest(request, model.cpuSecondsPerUnit);
    const statements = readStatement * reads + waits;
    return { share, cumulative, cpuSeconds: cpuWork * computing, statements, wait: waiting };
  });
}

/** The mean of something over all requests, by the share of each kind. */
export function meanPerRequest<Kind extends { readonly share: Fraction }>(
  kinds: readonly Kind[],
  of: (kind: Kind) => number,
): number {
  return kinds.reduce((sum, kind) => sum + kind.share * of(kind), 0);
}

/** Memory of a deployment with so many requests in its workers, and of the components around it. */
export function computeMemory(
  deployment: Deployment,
  memory: MemoryModel,
  inProgress: number,
): Record<Component, Bytes> {
  return {
    nginx: memory.nginx,
    workers: memoryOfWorkers(deployment, memory) + inProgress * memory.request,
    postgres: memory.postgres + deployment.databaseConnections * memory.databaseConnection,
    k6: memory.k6,
  };
}

const MB = 1e6;
const ms = 1e-3;

/**
 * As measured on two shared cores (Debian 12, Node 24, nginx 1.30, Postgres 18, k6 2.2). CPU a request at 45, 181, 965
 * and 1040/s: nginx 0.22, 0.178, 0.082, 0.082 ms; Postgres 0.212, 0.16, 0.094, 0.097 ms; k6 1.18, 0.771, 0.321,
 * 0.33 ms; a blocking worker at 22/s 0.725 to 0.873 ms, an event loop at 965/s 0.225 ms and at 520/s 0.283 ms; nginx,
 * loops and Postgres together 0.20 ms and k6 0.13 ms at 4500/s. `pg_sleep(0.02)` holds a connection for 20.6 to 21.4 ms.
 */
export const measuredService: ServiceModel = {
  source: 'two shared cores, Debian 12, Node 24, nginx 1.30, Postgres 18, k6 2.2',
  nginx: { light: 0.23 * ms, least: 0.02 * ms, half: 209 },
  k6: { light: 1.25 * ms, least: 0.06 * ms, half: 143 },
  postgres: { light: 0.22 * ms, least: 0.04 * ms, half: 220 },
  workers: {
    'blocking-express': {
      request: { light: 0.35 * ms, least: 0.06 * ms, half: 300 },
      statement: { light: 0.5 * ms, least: 0.04 * ms, half: 100 },
    },
    fastify: {
      request: { light: 0.12 * ms, least: 0.01 * ms, half: 700 },
      statement: { light: 0.36 * ms, least: 0.03 * ms, half: 700 },
    },
  },
  standIn: 'fastify',
  databaseWait: { least: 0.4 * ms, most: 1 * ms, distribution: 'as-asked' },
  cpuSecondsPerUnit: SECONDS_PER_UNIT,
  memory: {
    ...measuredMemory,
    nginx: 12 * MB,
    request: 20_000,
    postgres: 40 * MB,
    databaseConnection: 4 * MB,
    k6: 130 * MB,
  },
};

export const noDemand: CpuDemand = { light: 0, least: 0, half: 1 };

/** A service that costs nothing but waits of exactly the time asked: queues that theory knows. */
export const waitingAlone: ServiceModel = {
  ...mapDemands(measuredService, () => noDemand),
  source: 'waits alone, of exactly the time that is asked',
  databaseWait: { least: 0, most: 0, distribution: 'as-asked' },
};
