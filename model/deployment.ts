import { deriveParallelism } from './parallelism.ts';
import { counted } from './quantities.ts';
import { isConcurrencyLimited, type Topology, type TopologyName, topologyOf } from './topology.ts';

/** A topology with its numbers. */
export interface Deployment {
  /** The name of its topology. */
  readonly topology: TopologyName;
  /** What its topology is. */
  readonly spec: Topology;
  readonly processes: number;
  /** Worker threads in each process. */
  readonly threadsPerProcess: number;
  /** A ceiling for the whole deployment, shared out over its workers. */
  readonly databaseConnections: number;
  /** What its containers may use; absent: as in `docker-compose.yml`. */
  readonly containers?: Containers;
  /** Exposes no counters, worker names or timings; measured from outside. */
  readonly hidden?: true;
}

/** One worker of a deployment: one JavaScript thread. */
export interface WorkerSlot {
  /** Which process it is in, from 1. */
  readonly process: number;
  /** Which thread of its process it is, from 1. */
  readonly thread: number;
  /** As it names itself in `x-worker`: `hybrid-2.1` is the first thread of the second process. */
  readonly name: string;
  /** Its share of the deployment's connections. */
  readonly databaseConnections: number;
}

/** The deployment of `topology` on a machine with so many CPUs, with `chosen` in place of the defaults. */
export function deploymentOf(
  topology: Topology | TopologyName,
  cpus: number,
  chosen: Partial<Omit<Deployment, 'topology' | 'spec'>> = {},
): Deployment {
  const spec = specOf(topology);
  const { sizes } = spec;
  const processes = chosen.processes ?? (sizes.processes === 'per-cpu' ? cpus : (sizes.processes ?? 1));
  const threadsPerProcess = chosen.threadsPerProcess ?? sizes.threads ?? 1;
  const { workers, slots } = deriveParallelism({ spec, processes, threadsPerProcess });
  const usual = sizes.databaseConnections ?? 1;
  const databaseConnections = chosen.databaseConnections ?? (usual === 'per-slot' ? slots : Math.max(usual, workers));
  const { containers, hidden } = chosen;
  return {
    ...{ topology: spec.name, spec, processes, threadsPerProcess, databaseConnections },
    ...(containers && { containers }),
    ...(hidden && { hidden }),
  };
}

function specOf(topology: Topology | TopologyName): Topology {
  return typeof topology === 'string' ? topologyOf(topology) : topology;
}

/** The deployment of `topology` with so many workers: threads of one process where it has threads, processes otherwise. */
export function deploymentWith(topology: Topology | TopologyName, workers: number): Deployment {
  const spec = specOf(topology);
  const hasThreads = spec.sizes.threads !== undefined;
  return deploymentOf(spec, 1, hasThreads ? { processes: 1, threadsPerProcess: workers } : { processes: workers });
}

/** The deployment as an experiment file names it. */
export function withoutSpec({ spec: _, ...entry }: Deployment): Omit<Deployment, 'spec'> {
  return entry;
}

/** What somebody asks of every topology alike; what is left out has its default. */
export interface AskedNumbers {
  readonly processes?: number;
  readonly threads?: number;
  readonly databaseConnections?: number;
}

/** The deployment of `topology` that is nearest to what is asked: numbers in which the topology leaves no choice stay. */
export function deploymentNear(topology: Topology | TopologyName, cpus: number, asked: AskedNumbers): Deployment {
  const spec = specOf(topology);
  const { processes, threads, databaseConnections } = asked;
  const deployment = deploymentOf(spec, cpus, {
    ...(processes !== undefined && spec.sizes.processes !== undefined && { processes }),
    ...(threads !== undefined && spec.sizes.threads !== undefined && { threadsPerProcess: threads }),
  });
  if (databaseConnections === undefined) return deployment;
  // A slot has a use for one connection.
  const most =
    spec.sizes.databaseConnections === 'per-slot' ? deployment.databaseConnections : Number.POSITIVE_INFINITY;
  return { ...deployment, databaseConnections: Math.min(databaseConnections, most) };
}

/** Why this deployment cannot be, in a sentence; `undefined` when it can. */
export function refusalOf(deployment: Deployment): string | undefined {
  const { topology, spec, processes, threadsPerProcess, databaseConnections } = deployment;
  for (const [name, value] of Object.entries({ processes, threadsPerProcess, databaseConnections })) {
    if (!Number.isSafeInteger(value) || value < 1)
      return `${name} of ${topology} is ${value}, not a whole number from 1`;
  }
  if (spec.sizes.processes === undefined && processes !== 1) return `${topology} is one process, not ${processes}`;
  if (spec.sizes.threads === undefined && threadsPerProcess !== 1) {
    return `${topology} has one worker thread in each process, not ${threadsPerProcess}`;
  }
  const { workers, slots } = deriveParallelism(deployment);
  if (databaseConnections < workers) {
    return `${topology} has ${workers} workers and only ${databaseConnections} database connections; each worker needs one`;
  }
  if (spec.sizes.databaseConnections === 'per-slot' && databaseConnections > slots) {
    return `${topology} can use one database connection for each request that it serves at once: ${slots}, not ${databaseConnections}`;
  }
  return undefined;
}

/** The workers of a deployment, process by process, with the connections shared out as evenly as they can be. */
export function listWorkers(deployment: Deployment): WorkerSlot[] {
  const { topology, threadsPerProcess, databaseConnections } = deployment;
  return evenShares(databaseConnections, deriveParallelism(deployment).workers).map((share, index) => {
    const process = Math.floor(index / threadsPerProcess) + 1;
    const thread = (index % threadsPerProcess) + 1;
    return { process, thread, name: `${topology}-${process}.${thread}`, databaseConnections: share };
  });
}

/** So many connections over so many workers, as evenly as they can be. */
export function evenShares(connections: number, workers: number): number[] {
  const share = Math.floor(connections / workers);
  const left = connections % workers;
  return Array.from({ length: workers }, (_, index) => share + (index < left ? 1 : 0));
}

/** What workers hold of memory, in bytes, before they have requests. */
export interface WorkersMemory {
  readonly blockingProcess: number;
  /** Each thread of a process beyond the first. */
  readonly blockingThread: number;
  readonly eventLoopProcess: number;
}

/** As measured on two shared cores (Debian 12, Node 24). */
export const measuredMemory: WorkersMemory = {
  blockingProcess: 68e6,
  blockingThread: 27e6,
  eventLoopProcess: 86e6,
};

/** Bytes that the workers of a deployment hold together before they have requests. */
export function memoryOfWorkers(
  { spec, processes, threadsPerProcess }: Deployment,
  memory: WorkersMemory = measuredMemory,
): number {
  const process = isConcurrencyLimited(spec) ? memory.blockingProcess : memory.eventLoopProcess;
  return processes * (process + (threadsPerProcess - 1) * memory.blockingThread);
}

/** Workers may hold less than was measured; beyond so many times the memory that there is, that does not help. */
const SURELY_TOO_MUCH = 1.5;

/** Whether workers that hold so many bytes cannot be run in so many. */
export function cannotFit(needed: number, memory: number): boolean {
  return needed > SURELY_TOO_MUCH * memory;
}

/** Bytes as Docker counts `m`: whole mebibytes. */
export function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

/** The deployment in a few characters, unique among deployments: `hybrid-2x1-40`, `hybrid-2x1-40-w600m`, `hybrid-2x1-40-hidden`. */
export function deploymentName(deployment: Deployment): string {
  const { topology, processes, threadsPerProcess, databaseConnections, containers, hidden } = deployment;
  const suffix = `${containersSuffix(containers)}${hidden ? '-hidden' : ''}`;
  return `${topology}-${processes}x${threadsPerProcess}-${databaseConnections}${suffix}`;
}

/** Its topology's name; beside another size of that topology with its sizes: `hybrid 2×1, 40 connections`. */
export function deploymentLabel(deployment: Deployment, among: readonly Deployment[]): string {
  const { topology, processes, threadsPerProcess, databaseConnections, containers } = deployment;
  if (among.filter(other => other.topology === topology).length < 2) return topology;
  const limits = containersSuffix(containers).replaceAll('-', ' ');
  const connections = databaseConnections === 1 ? '1 connection' : `${databaseConnections} connections`;
  return `${topology} ${processes}×${threadsPerProcess}, ${connections}${limits && `,${limits}`}`;
}

/** Its workers: `2 × 8 blocking threads`, or beside a topology with another app `2 event loops, Express`. */
export function describeWorkers(
  { spec, processes, threadsPerProcess }: Deployment,
  among: readonly Topology[] = [],
): string {
  if (!isConcurrencyLimited(spec)) {
    const app = otherApp(spec, among);
    return `${counted(processes, 'event loop')}${app === undefined ? '' : `, ${app}`}`;
  }
  if (threadsPerProcess === 1) return counted(processes, 'blocking process', 'blocking processes');
  const threads = counted(threadsPerProcess, 'blocking thread');
  return processes === 1 ? threads : `${processes} × ${threads}`;
}

/** Its app, if the first of these topologies with the same concurrency has another one. */
function otherApp({ app, concurrencyLimit }: Topology, among: readonly Topology[]): string | undefined {
  const first = among.find(other => other.concurrencyLimit === concurrencyLimit);
  if (first === undefined || first.app === app) return undefined;
  return `${app.charAt(0).toUpperCase()}${app.slice(1)}`;
}

/** The containers of a stack that a deployment can limit; nginx and Postgres serve all deployments in turn. */
export const limitedContainers = ['workers', 'nginx', 'postgres'] as const;
export type LimitedContainer = (typeof limitedContainers)[number];

/** The most that one container may use; what is absent is as in `docker-compose.yml`. */
export interface ContainerLimits {
  /** CPU seconds in each second. */
  readonly cpus?: number;
  /** The numbers of the CPUs that it may run on: `0-2,5`. */
  readonly cpuset?: string;
  /** In bytes. */
  readonly memory?: number;
}

export type Containers = Readonly<Partial<Record<LimitedContainer, ContainerLimits>>>;

/** CPUs that the limits leave to a container: the lower of a number and the size of a set; `undefined` without either. */
export function limitedCpus({ cpus, cpuset }: ContainerLimits = {}): number | undefined {
  const least = Math.min(
    cpus ?? Number.POSITIVE_INFINITY,
    cpuset ? cpuNumbers(cpuset).length : Number.POSITIVE_INFINITY,
  );
  return Number.isFinite(least) ? least : undefined;
}

/**
 * CPUs that a container has of a machine's, with a limit (`1.5`; 0 or nothing: none) and a set (`0-2,5`; nothing: all):
 * whole ones, rounded down, at least 1.
 */
export function cpusWithin(limit: string | undefined, set: string | undefined, machine: number): number {
  return Math.max(1, Math.floor(Math.min(machine, Number(limit) || machine, set ? cpuNumbers(set).length : machine)));
}

/** The numbers in a set of CPUs: `0-2,5` is 0, 1, 2 and 5. */
export function cpuNumbers(set: string): number[] {
  return set.split(',').flatMap(part => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/**
 * The limits in a few characters that may stand in a host name: `-w600m-set0-400mb-n170m`, where 600m is 0.6 CPUs;
 * nothing without any. There are no dots: a host name that ends in a number would be taken for an address.
 */
export function containersSuffix(containers: Containers = {}): string {
  return limitedContainers
    .flatMap(container => {
      const limits = containers[container];
      return limits === undefined ? [] : [`-${container[0]}${limitsSuffix(limits)}`];
    })
    .join('');
}

function limitsSuffix({ cpus, cpuset, memory = 0 }: ContainerLimits): string {
  return [
    cpus === undefined ? '' : `${Math.round(cpus * 1000)}m`,
    cpuset === undefined ? '' : `-set${cpuset.replaceAll(',', 'and')}`,
    memory === 0 ? '' : `-${memory % 1e6 === 0 ? `${memory / 1e6}mb` : `${memory}b`}`,
  ].join('');
}
