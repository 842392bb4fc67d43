import shipped from './shipped-topologies.json' with { type: 'json' };

/** A way of running a service. `topologies/` has a file for each that ships. */
export interface Topology {
  readonly name: string;
  /** One phrase: what this topology demonstrates. */
  readonly shows: string;
  /** The program of the reference service that its workers run: a file of `services/apps/`. */
  readonly app: string;
  /** The port that a demonstration publishes it on, when that port is free. */
  readonly port: number;
  /** What has a port of its own, which is one `server` of nginx. `replica`: its processes share one. */
  readonly listen: 'thread' | 'process' | 'replica';
  /** Requests that one process serves at once; `threads`: one for each of its threads. */
  readonly concurrencyLimit: number | 'threads' | 'none';
  /** CPUs that one process can keep busy. */
  readonly cpusPerProcess: 1 | 'threads' | 'all';
  /** Whether it keeps nginx's connections. */
  readonly keepAlive: boolean;
  readonly sizes: SizeDefaults;
}

/** Sizes that may be varied, with their defaults. What is absent is fixed at 1. */
interface SizeDefaults {
  readonly processes?: number | 'per-cpu';
  /** Of each process. */
  readonly threads?: number;
  /** Of the whole deployment; `per-slot`: one for each request that it serves at once, and never more. */
  readonly databaseConnections?: number | 'per-slot';
}

export type TopologyName = string;

/** The topologies that ship, in the order in which tables list them. */
export const topologies = shipped as unknown as readonly Topology[];

/** Their names. */
export const topologyNames: readonly TopologyName[] = topologies.map(({ name }) => name);

/** The topology that ships under this name; throws a RangeError where there is none. */
export function topologyOf(name: TopologyName): Topology {
  const found = topologies.find(topology => topology.name === name);
  if (found === undefined) throw new RangeError(`there is no topology ${name}`);
  return found;
}

/** Whether a request holds one of a limited number of places in a process while it is served. */
export function isConcurrencyLimited({ concurrencyLimit }: Pick<Topology, 'concurrencyLimit'>): boolean {
  return concurrencyLimit !== 'none';
}
