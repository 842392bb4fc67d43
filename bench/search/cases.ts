import type { Cell, Workload } from '../../lab/experiment/experiment.ts';
import { deploymentOf } from '../../services/deployment.ts';
import type { TopologyName } from '../../services/topologies.ts';

/** A cell to search for the capacity of, on a machine with so many CPUs. */
export interface SearchCase {
  readonly cell: Cell;
  readonly cpus: number;
}

const wait: Workload = { name: 'wait', requests: [{ weight: 1, route: 'wait', parameters: { ms: 20 } }] };
const cpu: Workload = { name: 'cpu', requests: [{ weight: 1, route: 'cpu', parameters: { cpuSeconds: 0.005 } }] };
const longWait: Workload = { name: 'wait-100', requests: [{ weight: 1, route: 'wait', parameters: { ms: 100 } }] };
const mixed: Workload = {
  name: 'mixed',
  requests: [
    { weight: 9, route: 'item', parameters: { id: 7 } },
    { weight: 1, route: 'work', parameters: { cpuSeconds: 0.02, ms: 20, reads: 1 } },
  ],
};

/** Pools and loops, limited by workers, by connections and by CPUs, from tens to thousands of requests a second. */
export const searchCases: readonly SearchCase[] = [
  of('sync', wait, 2),
  of('threads', wait, 2),
  of('async', wait, 2),
  of('hybrid', wait, 2, { databaseConnections: 10 }),
  of('sync', cpu, 2),
  of('async', cpu, 2),
  of('hybrid', cpu, 4),
  of('sync-threads', longWait, 4),
  of('threads', mixed, 4),
  of('hybrid', mixed, 2),
];

function of(
  topology: TopologyName,
  workload: Workload,
  cpus: number,
  chosen: Parameters<typeof deploymentOf>[2] = {},
): SearchCase {
  return { cell: { deployment: deploymentOf(topology, cpus, chosen), workload }, cpus };
}
