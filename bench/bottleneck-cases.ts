import type { Help } from '../lab/explain/advice.ts';
import { type Bottleneck, findBottleneck } from '../lab/explain/bottleneck.ts';
import { findInvalidReason } from '../lab/run/validity.ts';
import { type Capacity, findCapacity } from '../lab/search/capacity.ts';
import { nextBlock } from '../lab/search/next-block.ts';
import { isFailureCertain } from '../lab/search/verdict.ts';
import {
  type CpuDemand,
  demandAt,
  deriveRequirements,
  measuredService,
  type Requirements,
  type ServiceModel,
  workerDemandOf,
} from '../lab/simulation/service-model.ts';
import { drawSlowness, simulateTrial } from '../lab/simulation/simulate-trial.ts';
import { findTrueCapacity } from '../lab/simulation/true-capacity.ts';
import { type Deployment, deploymentOf } from '../model/deployment.ts';
import type { Cell, Experiment, Objective, Workload } from '../model/experiment.ts';
import type { Resource, TrialResult } from '../model/measurement.ts';
import { deriveParallelism } from '../model/parallelism.ts';
import type { PerSecond, Seconds } from '../model/quantities.ts';
import { isConcurrencyLimited, type TopologyName, topologies, topologyOf } from '../model/topology.ts';

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

/** What a search found out about a case. */
interface Searched {
  readonly capacity: Capacity;
  readonly bottleneck: Bottleneck | undefined;
}

/** Searches for the capacity of a simulated deployment as `compare` does, with the noise of a real machine. */
export function searched({ cell, cpus, objective, model }: BottleneckCase, seed: number): Searched {
  const experiment: Experiment = {
    ...{
      name: 'bottlenecks',
      seed,
      cpus,
      objective,
      topologies,
      cells: [cell],
      budget: 600,
      blocks: 1,
      capacity: true,
    },
    ...{ loads: [], phases: { warmUp: 2, steadyState: 10 }, sizes: 'all', limits: {}, claims: [] },
    noise: { betweenTrials: 0.03, betweenBlocks: 0.03, source: 'assumed' },
  };
  const results = search(experiment, model);
  const capacity = findCapacity(cell, results, experiment);
  return { capacity, bottleneck: findBottleneck(cell, results, capacity, experiment) };
}

function search(experiment: Experiment, model: ServiceModel): TrialResult[] {
  const { cpus, objective } = experiment;
  const results: TrialResult[] = [];
  for (let [trial] = nextBlock(experiment, results); trial; [trial] = nextBlock(experiment, results)) {
    const made = trial;
    const { measurement, elapsed } = simulateTrial(made, model, {
      cpus,
      objective: objective.responseTime,
      slowness: drawSlowness(made, experiment),
      onProgress: progress => (isFailureCertain(progress, made, objective) ? 'stop' : 'go-on'),
    });
    const reason = findInvalidReason(measurement, made, experiment);
    const run = { trial: made, elapsed, measurement };
    results.push(reason ? { state: 'invalid', ...run, reason } : { state: 'completed', ...run });
  }
  return results;
}

/** Whether that is what stops the case. */
export function isRight(bottleneck: Bottleneck | undefined, { expected }: BottleneckCase): boolean {
  return bottleneck?.resource === expected.resource && expected.causes.includes(bottleneck.cause);
}

/**
 * The load at which each resource is used up, from what the simulated service is made of and nothing that was
 * measured: λ D(λ) = n, with n servers and the seconds D(λ) that a request keeps one of them at that load.
 */
export function knownLimits({ cell, cpus, model }: BottleneckCase): Record<Resource, PerSecond> {
  const { deployment, workload } = cell;
  const limited = isConcurrencyLimited(deployment.spec);
  const requirements = deriveRequirements(workload, model);
  const mean = (of: (requirement: Requirements) => number) => average(requirements, of);
  const statements = mean(requirement => requirement.statements);
  const { nginxProcesses = cpus } = model;
  const workers = deriveParallelism(cell.deployment).workers;
  const app = workerDemandOf(model, deployment.spec.app);
  const { least, most } = model.databaseWait;
  const waits = mean(({ wait }) => (wait > 0 ? wait + (least + most) / 2 : 0));

  const shared =
    (demand: CpuDemand, servers: number, visits = 1) =>
    (load: PerSecond) =>
      visits === 0 ? 0 : visits * demandAt(demand, (load * visits) / servers);
  const k6 = shared(model.k6, cpus);
  const nginx = shared(model.nginx, nginxProcesses);
  const postgres = shared(model.postgres, cpus, statements);
  const [request, statement] = [shared(app.request, workers), shared(app.statement, workers, statements)];
  const worker = (load: PerSecond) => request(load) + statement(load) + mean(({ cpuSeconds }) => cpuSeconds);
  const database = (load: PerSecond) => (statements === 0 ? 0 : postgres(load) + waits);
  return {
    cpu: usedUpAt(cpus, load => k6(load) + nginx(load) + postgres(load) + worker(load)),
    workers: usedUpAt(workers, load => worker(load) + (limited ? database(load) : 0)),
    'database-connections': usedUpAt(deployment.databaseConnections, database),
    nginx: usedUpAt(nginxProcesses, nginx),
  };
}

function average(requirements: readonly Requirements[], of: (requirement: Requirements) => number): number {
  let before = 0;
  return requirements.reduce((sum, requirement) => {
    const share = requirement.cumulative - before;
    before = requirement.cumulative;
    return sum + share * of(requirement);
  }, 0);
}

/** The load at which so many servers are never idle, by bisection on the log scale; infinite when that is never. */
function usedUpAt(servers: number, demand: (load: PerSecond) => Seconds): PerSecond {
  let [low, high] = [1e-3, 1e9];
  if (high * demand(high) < servers) return Number.POSITIVE_INFINITY;
  while (high / low > 1.0001) {
    const middle = Math.sqrt(low * high);
    if (middle * demand(middle) < servers) low = middle;
    else high = middle;
  }
  return low;
}

/** A case in the size that was proposed for it. */
function suggestedSize(one: BottleneckCase, { resource, amount }: Help): BottleneckCase {
  const { cell, cpus, model } = one;
  const { deployment } = cell;
  switch (resource) {
    case 'cpu':
      return { ...one, cpus: amount, cell: { ...cell, deployment: withTimesWorkers(deployment, amount / cpus) } };
    case 'workers': {
      const workers = deriveParallelism(deployment).workers;
      return { ...one, cell: { ...cell, deployment: withTimesWorkers(deployment, amount / workers) } };
    }
    case 'database-connections':
      return { ...one, cell: { ...cell, deployment: { ...deployment, databaseConnections: amount } } };
    case 'nginx':
      return { ...one, model: { ...model, nginxProcesses: amount } };
    default:
      throw new RangeError(`${resource} is no resource of a simulation`);
  }
}

/** What a proposal promised and what it keeps, each as a multiple of the capacity before. */
interface Gain {
  readonly expected: number;
  readonly true: number;
}

/** By long runs of the simulated deployment in both sizes. */
export function measureGain(one: BottleneckCase, help: Help, found: PerSecond, seed: number): Gain {
  const capacityOf = ({ cell, model, objective, cpus }: BottleneckCase) =>
    findTrueCapacity(cell, model, objective, { cpus, seed, requests: LONG_RUN });
  return { expected: help.capacity / found, true: capacityOf(suggestedSize(one, help)) / capacityOf(one) };
}

/** Whether it holds to within this: more as less. */
export function isKept(gain: Gain): boolean {
  return Math.abs(Math.log(gain.expected / gain.true)) <= Math.log(1 + WITHIN);
}

export const WITHIN = 0.15;
/** Requests. */
const LONG_RUN = 200_000;

function withTimesWorkers(deployment: Deployment, times: number): Deployment {
  const { topology, spec, processes, threadsPerProcess, databaseConnections } = deployment;
  const limited = isConcurrencyLimited(spec);
  const inThreads = limited && spec.sizes.processes === undefined;
  // One event loop becomes several, each in a process of its own.
  return deploymentOf(!limited && spec.sizes.processes === undefined ? 'hybrid' : topology, 1, {
    processes: inThreads ? processes : processes * times,
    threadsPerProcess: inThreads ? threadsPerProcess * times : threadsPerProcess,
    databaseConnections: limited ? databaseConnections * times : databaseConnections,
  });
}
