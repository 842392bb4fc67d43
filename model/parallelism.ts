import { LoadlineError } from './errors.ts';
import type { Topology, TopologyName } from './topology.ts';

/** How requests get to the workers of a deployment. */
export type Dispatch = 'least-connections' | 'kept-connections' | 'one-queue';

/** What follows from a topology and its sizes. */
export interface Parallelism {
  /** What has a port of its own: nginx balances over so many. */
  readonly endpoints: number;
  /** Threads that serve requests. */
  readonly workers: number;
  /** Requests that all workers together serve at once; Infinity: any number. */
  readonly slots: number;
  /** CPUs that all processes together can keep busy; Infinity: as many as there are. */
  readonly cpuCeiling: number;
  readonly dispatch: Dispatch;
}

/** A topology with the sizes that its parallelism follows from. */
export interface SizedTopology {
  readonly spec: Pick<Topology, 'listen' | 'concurrencyLimit' | 'cpusPerProcess' | 'keepAlive'>;
  readonly processes: number;
  readonly threadsPerProcess: number;
}

/** What a deployment has of everything that serves requests. */
export function deriveParallelism({ spec, processes, threadsPerProcess }: SizedTopology): Parallelism {
  const { listen, concurrencyLimit, cpusPerProcess, keepAlive } = spec;
  const workers = processes * threadsPerProcess;
  return {
    endpoints: { thread: workers, process: processes, replica: 1 }[listen],
    workers,
    slots:
      typeof concurrencyLimit === 'number'
        ? processes * concurrencyLimit
        : { threads: workers, none: Number.POSITIVE_INFINITY }[concurrencyLimit],
    cpuCeiling: { 1: processes, threads: workers, all: Number.POSITIVE_INFINITY }[cpusPerProcess],
    // Workers that share a port: a connection belongs to the worker that accepted it, with all the requests that nginx
    // sends over it; where it is not kept, each request waits in one queue.
    dispatch: listen !== 'replica' ? 'least-connections' : keepAlive ? 'kept-connections' : 'one-queue',
  };
}

/**
 * Whether each slot has a database connection of its own, which a request keeps for as long as its slot: then
 * connections are never short where slots are not.
 */
export function hasConnectionPerSlot(sized: SizedTopology & { readonly databaseConnections: number }): boolean {
  return sized.databaseConnections >= deriveParallelism(sized).slots;
}

/** Whether simulation and plan know such workers: each is one thread that serves one request at a time, or any number. */
export function canBeSimulated(sized: SizedTopology): boolean {
  const { workers, slots, cpuCeiling } = deriveParallelism(sized);
  return cpuCeiling === workers && (slots === workers || slots === Number.POSITIVE_INFINITY);
}

/** Refuses a deployment that simulation and plan would take for another one. */
export function requireSimulated(deployment: SizedTopology & { readonly topology: TopologyName }): void {
  if (canBeSimulated(deployment)) return;
  const { workers, slots, cpuCeiling } = deriveParallelism(deployment);
  throw new LoadlineError(
    'topology-not-simulated',
    `${deployment.topology} serves ${shown(slots)} requests at once with ${workers} workers on ${shown(cpuCeiling)} CPUs, ` +
      'which simulation and plan do not know. Measure it, or leave it out.',
  );
}

function shown(count: number): string {
  return Number.isFinite(count) ? `${count}` : 'any number of';
}
