/** The ways in which Loadline runs one service: the only place where topologies are listed. */

/** The app that a worker runs; each is a file of `apps/`. */
export type AppName = 'blocking-express' | 'express' | 'fastify';

/** One way of running the service. */
export interface Topology {
  readonly app: AppName;
  /** Whether a worker waits for the database by blocking its thread; if so it has one connection and serves one request. */
  readonly blocking: boolean;
  /** `'one'`: always a single process. `'per-cpu'`: as many as CPUs unless it is set. */
  readonly processes: 'one' | 'per-cpu';
  /** `'one'`: a single worker thread in each process. `'many'`: T of them, each with its own port. */
  readonly threads: 'one' | 'many';
  /** The port that a demonstration publishes it on, when that port is free. */
  readonly port: number;
  /** What it is there to show, in a phrase. */
  readonly shows: string;
}

/** Every topology, in the order in which tables list them. */
export const topologies = {
  sync: {
    app: 'blocking-express',
    blocking: true,
    processes: 'per-cpu',
    threads: 'one',
    port: 8081,
    shows: 'a pool of blocking processes: each serves one request at a time, the rest wait',
  },
  threads: {
    app: 'blocking-express',
    blocking: true,
    processes: 'one',
    threads: 'many',
    port: 8082,
    shows: 'blocking workers as threads of one process',
  },
  'sync-threads': {
    app: 'blocking-express',
    blocking: true,
    processes: 'per-cpu',
    threads: 'many',
    port: 8083,
    shows: 'a combination of both: several processes with several blocking threads',
  },
  async: {
    app: 'fastify',
    blocking: false,
    processes: 'one',
    threads: 'one',
    port: 8084,
    shows: 'one event loop, thousands of tasks',
  },
  hybrid: {
    app: 'fastify',
    blocking: false,
    processes: 'per-cpu',
    threads: 'one',
    port: 8085,
    shows: 'an event loop per CPU behind a load balancer',
  },
  'async-express': {
    app: 'express',
    blocking: false,
    processes: 'per-cpu',
    threads: 'one',
    port: 8086,
    shows: 'the control: takes the framework out of the comparison',
  },
} as const satisfies Record<string, Topology>;

export type TopologyName = keyof typeof topologies;

/** The names of all topologies, in the order in which tables list them. */
export const topologyNames = Object.keys(topologies) as readonly TopologyName[];

/** The topology of that name; the union's members lose their literal types, which callers rarely need. */
export function topologyOf(name: TopologyName): Topology {
  return topologies[name];
}
