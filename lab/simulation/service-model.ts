import { SECONDS_PER_UNIT } from '../../model/contract/work.ts';
import { measuredMemory, type WorkersMemory } from '../../model/deployment.ts';
import type { Bytes, Fraction, PerSecond, Seconds } from '../../model/quantities.ts';

/**
 * What the service takes of a machine, request by request: all that a simulation knows beside the deployment and its
 * load. Plain data, so that it can be fitted to measurements and kept in a file.
 */
export interface ServiceModel {
  /** What the figures were taken from. */
  readonly source: string;
  /** CPU of nginx a request, by the requests a second that one nginx process passes on. */
  readonly nginx: CpuDemand;
  /** As many as the machine has cores unless it is set. */
  readonly nginxProcesses?: number;
  /** CPU of k6 a request, by the requests a second that it sends for each CPU of the machine. */
  readonly k6: CpuDemand;
  /** k6's event loops. Each handles one request at a time, and is late where it gets no CPU. Unset: no waiting in k6. */
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
  /** CPU that a unit of the service's CPU work takes. */
  readonly cpuSecondsPerUnit: Seconds;
  /** How many times as long as asked the CPU work of a request takes; 1 unless it is set. */
  readonly cpuWork?: Fraction;
  /** Of the CPU of a statement that waits, what one takes that reads or writes at once; all of it unless it is set. */
  readonly readStatement?: Fraction;
  /** The part of the CPUs that the system, other programs and a hypervisor keep; none unless it is set. */
  readonly lostCpu?: Fraction;
  readonly memory: MemoryModel;
}

/**
 * CPU seconds that fall as the load grows, because wake-ups are shared:
 * D(λ) = least + (light − least) ÷ (1 + λ ÷ half), where λ is the load, per second.
 */
export interface CpuDemand {
  /** At hardly any load. */
  readonly light: Seconds;
  /** At an endless load. */
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
 * Workers that wait for, and keep up, one another: with n of them a request takes 1 + contention (n − 1) +
 * coherency n (n − 1) times what it takes with one, which is the universal scalability law seen from its service demand
 * (N. Gunther, Guerrilla Capacity Planning, 2007, equation 4.31).
 */
export interface DemandGrowth {
  readonly contention: number;
  readonly coherency: number;
}

/** Times the demand with one worker. */
export function growthAt(growth: DemandGrowth | undefined, workers: number): number {
  if (growth === undefined) return 1;
  return 1 + growth.contention * (workers - 1) + growth.coherency * workers * (workers - 1);
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

/** A service whose every part but the wait takes nothing, and whose waits are as long as asked: for what theory knows. */
export const waitingAlone: ServiceModel = {
  ...measuredService,
  source: 'waits alone, of exactly the time that is asked',
  nginx: { light: 0, least: 0, half: 1 },
  k6: { light: 0, least: 0, half: 1 },
  postgres: { light: 0, least: 0, half: 1 },
  workers: mapWorkers(measuredService, () => ({
    request: { light: 0, least: 0, half: 1 },
    statement: { light: 0, least: 0, half: 1 },
  })),
  databaseWait: { least: 0, most: 0, distribution: 'as-asked' },
};
