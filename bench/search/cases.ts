import {
  type CpuDemand,
  mapWorkers,
  measuredService,
  type ServiceModel,
  type WorkerDemand,
} from '../../lab/simulation/service-model.ts';
import { deploymentOf } from '../../model/deployment.ts';
import type { Cell, Workload } from '../../model/experiment.ts';
import type { TopologyName } from '../../model/topology.ts';

/** A cell to search for the capacity of, on a machine with so many CPUs. */
export interface SearchCase {
  readonly cell: Cell;
  readonly cpus: number;
  readonly model: ServiceModel;
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

/** CPU seconds of everything beside the work that is asked for, as a multiple of `measuredService`. */
const SLOW = 1.7;

/**
 * A machine whose CPUs are nearly used up at 1,800/s, with k6 on them: two event loops, late where the CPUs are full.
 * As measured in containers on two cores, where `hybrid` was offered 2,123/s (completed, CPUs busy, k6's share of them,
 * p99 of the lag): 1,543 to 1,808/s, 87 to 93 %, 32 to 35 %, 36 to 94 ms. This model, offered 2,100/s: 1,820/s, 93 %,
 * 34 %, 54 ms, before k6 was limited to half of the CPUs.
 */
const laggingService: ServiceModel = { ...slowed(measuredService, SLOW), sources: 2 };

/** Deployments beside a generator that is late, the last three of which use up the CPUs that it shares. */
export const laggingCases: readonly SearchCase[] = [
  of('sync', wait, 2),
  of('threads', wait, 2),
  of('async', wait, 2),
  of('hybrid', wait, 2),
  of('hybrid', wait, 2, { databaseConnections: 80 }),
  of('hybrid', cpu, 2),
].map(one => ({ ...one, model: laggingService }));

function slowed(model: ServiceModel, times: number): ServiceModel {
  const cpu = ({ light, least, half }: CpuDemand) => ({ light: light * times, least: least * times, half });
  const worker = ({ request, statement }: WorkerDemand) => ({ request: cpu(request), statement: cpu(statement) });
  return {
    ...model,
    nginx: cpu(model.nginx),
    k6: cpu(model.k6),
    postgres: cpu(model.postgres),
    workers: mapWorkers(model, worker),
  };
}

function of(
  topology: TopologyName,
  workload: Workload,
  cpus: number,
  chosen: Parameters<typeof deploymentOf>[2] = {},
): SearchCase {
  return { cell: { deployment: deploymentOf(topology, cpus, chosen), workload }, cpus, model: measuredService };
}
