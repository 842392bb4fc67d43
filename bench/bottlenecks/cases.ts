import type { Bottleneck } from '../../lab/explain/bottleneck.ts';
import { type CpuDemand, measuredService, type ServiceModel } from '../../lab/simulation/service-model.ts';
import { type Deployment, deploymentOf } from '../../model/deployment.ts';
import type { Cell, Objective, Workload } from '../../model/experiment.ts';
import type { Resource } from '../../model/measurement.ts';
import { isConcurrencyLimited, type TopologyName, topologyOf } from '../../model/topology.ts';

/** A simulated deployment of which it is known by construction what stops it. */
export interface BottleneckCase {
  readonly cell: Cell;
  readonly cpus: number;
  readonly model: ServiceModel;
  readonly objective: Objective;
  readonly expected: { readonly resource: Resource | null; readonly causes: readonly Bottleneck['cause'][] };
  /** What makes it so, in a phrase. */
  readonly because: string;
}

const wait = (ms: number): Workload => ({
  name: `wait-${ms}`,
  requests: [{ weight: 1, route: 'wait', parameters: { ms } }],
});
const cpu = (ms: number): Workload => ({
  name: `cpu-${ms}`,
  requests: [{ weight: 1, route: 'cpu', parameters: { cpuSeconds: ms / 1000 } }],
});
const item: Workload = { name: 'item', requests: [{ weight: 1, route: 'item', parameters: { id: 7 } }] };
const plain: Workload = { name: 'plain', requests: [{ weight: 1, route: 'plain', parameters: {} }] };
const work: Workload = {
  name: 'work',
  requests: [{ weight: 1, route: 'work', parameters: { cpuSeconds: 0.002, ms: 30, reads: 2 } }],
};
/** One request in 10 computes for 0.13 s. */
const heldUp: Workload = {
  name: 'held-up',
  requests: [
    { weight: 9, route: 'plain', parameters: {} },
    { weight: 1, route: 'cpu', parameters: { cpuSeconds: 0.13 } },
  ],
};

/** Pools, loops, connections, CPUs and nginx, each the first to give out somewhere, and places where nothing does. */
export const bottleneckCases: readonly BottleneckCase[] = [
  of('sync', 2, wait(20), 2, 'workers', 'two blocking workers, each kept for 21 ms'),
  of('threads', 8, wait(20), 8, 'workers', 'eight threads of one process', { threadsPerProcess: 8 }),
  of('sync-threads', 8, wait(50), 4, 'workers', 'two processes of four threads', {
    processes: 2,
    threadsPerProcess: 4,
  }),
  of('sync', 3, work, 8, 'workers', 'three workers that compute, read and wait'),
  of('async', 1, cpu(2), 8, 'workers', 'one loop that computes, seven CPUs to spare'),
  of('async-express', 2, cpu(5), 8, 'workers', 'two loops on eight CPUs'),
  of('hybrid', 3, work, 16, 'workers', 'three loops on 16 CPUs, with connections enough', { databaseConnections: 300 }),
  of('sync', 8, work, 2, 'workers', 'eight workers, and two CPUs that carry twice as much'),
  of('async', 1, cpu(5), 2, 'workers', 'one loop that computes, and one CPU for everything else'),
  of('hybrid', 2, wait(20), 8, 'database-connections', 'ten connections', { databaseConnections: 10 }),
  of('hybrid', 2, wait(20), 2, 'database-connections', 'forty connections, and two CPUs that carry half as much again'),
  of('async', 1, wait(100), 8, 'database-connections', 'forty connections, each held for 0.1 s'),
  of('async-express', 4, work, 16, 'database-connections', 'eight connections', { databaseConnections: 8 }),
  of('sync', 40, cpu(5), 2, 'cpu', 'forty workers that all compute on two CPUs'),
  of('hybrid', 2, item, 2, 'cpu', 'everything shares two CPUs'),
  of('hybrid', 4, item, 4, 'cpu', 'a query that costs Postgres 2 ms', {}, { postgres: always(0.002) }),
  of('hybrid', 8, plain, 16, 'nginx', 'one process of nginx', {}, { nginx: always(0.0005), nginxProcesses: 1 }),
  of('sync', 8, plain, 16, 'nginx', 'one process of nginx', {}, { nginx: always(0.0008), nginxProcesses: 1 }),
  of('sync', 2, wait(100), 4, 'workers', 'two workers, each kept for 0.1 s: a queue of three is too long'),
  {
    ...of('async', 1, heldUp, 4, null, 'one request in 10 keeps the loop for 0.13 s'),
    expected: { resource: null, causes: ['held-up'] },
  },
  {
    ...of('hybrid', 4, plain, 4, null, 'a generator that takes 3 ms for a request', {}, { k6: always(0.003) }),
    expected: { resource: null, causes: ['generator'] },
  },
  {
    ...of('hybrid', 2, wait(300), 4, null, 'the wait alone is longer than the objective'),
    expected: { resource: null, causes: ['work'] },
  },
];

/** The same deployment, which tells nothing: what its workers run out of is seen as how many requests it serves at once. */
export function hiddenCase(one: BottleneckCase): BottleneckCase {
  const { cell, expected } = one;
  const causes = expected.resource === 'workers' ? (['concurrency'] as const) : expected.causes;
  return {
    ...one,
    cell: { ...cell, deployment: { ...cell.deployment, hidden: true } },
    expected: { ...expected, causes },
  };
}

function of(
  topology: TopologyName,
  workers: number,
  workload: Workload,
  cpus: number,
  resource: Resource | null,
  because: string,
  chosen: Partial<Deployment> = {},
  changes: Partial<ServiceModel> = {},
): BottleneckCase {
  const { sizes } = topologyOf(topology);
  const own = sizes.processes === undefined ? chosen : { processes: workers, ...chosen };
  const deployment = deploymentOf(topology, cpus, own);
  return {
    cell: { deployment, workload },
    cpus,
    model: { ...measuredService, ...changes },
    objective: { quantile: 0.99, responseTime: 0.25, errorFraction: 0.001 },
    // Pools are named as well where the queue before them is too long while they are still free now and then.
    expected: { resource, causes: isConcurrencyLimited(topologyOf(topology)) ? ['used-up', 'queue'] : ['used-up'] },
    because,
  };
}

/** The same at every load. */
function always(seconds: number): CpuDemand {
  return { light: seconds, least: seconds, half: 1 };
}
