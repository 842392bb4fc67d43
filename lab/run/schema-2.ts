import type { Topology } from '../../model/topology.ts';

/** The six topologies as they were when a trials file only named them. Their defaults stay, whatever `topologies/` says. */
const topologies: readonly Topology[] = [
  limited('sync', 8081, { listen: 'process', concurrencyLimit: 1, cpusPerProcess: 1 }, { processes: 'per-cpu' }),
  limited('threads', 8082, inThreads(), { threads: 8 }),
  limited('sync-threads', 8083, inThreads(), { processes: 'per-cpu', threads: 8 }),
  loops('async', 8084, 'fastify', {}),
  loops('hybrid', 8085, 'fastify', { processes: 'per-cpu' }),
  loops('async-express', 8086, 'express', { processes: 'per-cpu' }),
];

/** The first line of a trials file of schema 2, in which topologies had names alone. */
export function upgradedFrom2(header: unknown): unknown {
  const { experiment, ...rest } = header as { readonly experiment?: object };
  return { ...rest, experiment: { ...experiment, topologies } };
}

type Facts = Pick<Topology, 'listen' | 'concurrencyLimit' | 'cpusPerProcess'>;

function inThreads(): Facts {
  return { listen: 'thread', concurrencyLimit: 'threads', cpusPerProcess: 'threads' };
}

function limited(name: string, port: number, facts: Facts, sizes: Topology['sizes']): Topology {
  const app = 'blocking-express';
  return {
    name,
    shows: '',
    app,
    port,
    ...facts,
    keepAlive: true,
    sizes: { ...sizes, databaseConnections: 'per-slot' },
  };
}

function loops(name: string, port: number, app: string, sizes: Topology['sizes']): Topology {
  const facts = { listen: 'process', concurrencyLimit: 'none', cpusPerProcess: 1, keepAlive: true } as const;
  return { name, shows: '', app, port, ...facts, sizes: { ...sizes, databaseConnections: 40 } };
}
