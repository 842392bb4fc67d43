import { type Deployment, memoryOfWorkers } from './deployment.ts';
import { topologyOf } from './topologies.ts';

/** The numbers of a stack of containers that must go together. */
export interface StackNumbers {
  readonly deployments: readonly Deployment[];
  /** Bytes that each topology's container may hold. */
  readonly workersMemory: number;
  /** Connections that Postgres allows. */
  readonly databaseMaxConnections: number;
  /** CPUs that each topology's container may use; 0: all of the machine's. */
  readonly workersCpus: number;
}

/** Workers may hold less than was measured; beyond so many times the limit that does not help. */
const SURELY_TOO_MUCH = 1.5;
/** Connections that workers cannot have: the dashboard, the creation of tables, a person with psql. */
const OTHER_CONNECTIONS = 4;
/** CPUs below which a topology takes minutes to start, and its health checks longer than they may. */
const LEAST_CPUS = 0.05;
/** CPUs below which a topology takes longer than half a minute to start. */
const SLOW_CPUS = 0.2;

/** Why these numbers cannot work, each in a sentence that names the variable to set; none: they can. */
export function refusalsOf(numbers: StackNumbers): string[] {
  return [
    ...cpuRefusal(numbers),
    ...numbers.deployments.flatMap(deployment => memoryRefusal(deployment, numbers)),
    ...connectionsRefusal(numbers),
  ];
}

/** What will go badly with these numbers, each in a sentence. */
export function warningsOf({ workersCpus }: StackNumbers): string[] {
  if (workersCpus === 0 || workersCpus >= SLOW_CPUS) return [];
  return [
    `WORKERS_CPUS=${workersCpus}: workers start slowly with so little CPU time; a topology that does not become healthy needs more, such as WORKERS_CPUS=0.5`,
  ];
}

function cpuRefusal({ workersCpus }: StackNumbers): string[] {
  if (workersCpus === 0 || workersCpus >= LEAST_CPUS) return [];
  return [
    `WORKERS_CPUS=${workersCpus} is too little CPU time for a topology to start: set WORKERS_CPUS=${LEAST_CPUS} or more`,
  ];
}

function memoryRefusal(deployment: Deployment, { workersMemory }: StackNumbers): string[] {
  const needed = memoryOfWorkers(deployment);
  const limit = deployment.containers?.workers?.memory ?? workersMemory;
  if (needed <= SURELY_TOO_MUCH * limit) return [];
  const { topology, processes, threadsPerProcess } = deployment;
  const size = threadsPerProcess > 1 ? `${processes} × ${threadsPerProcess} threads` : `${processes} processes`;
  const variable = topologyOf(topology).processes === 'one' ? 'THREADS' : 'PROCESSES';
  return [
    `${topology} has ${size}, which need about ${megabytes(needed)}, and its container may have ${megabytes(limit)}: set WORKERS_MEMORY=${Math.ceil(needed / 1e6)}m, or a lower ${variable}`,
  ];
}

function connectionsRefusal({ deployments, databaseMaxConnections }: StackNumbers): string[] {
  const sum = deployments.reduce((total, { databaseConnections }) => total + databaseConnections, 0);
  if (sum + OTHER_CONNECTIONS <= databaseMaxConnections) return [];
  const shares = deployments
    .map(({ topology, databaseConnections }) => `${topology} ${databaseConnections}`)
    .join(', ');
  return [
    `The topologies may open ${sum} database connections (${shares}), ${OTHER_CONNECTIONS} more are for others, and Postgres allows ${databaseMaxConnections}: set DATABASE_MAX_CONNECTIONS=${sum + OTHER_CONNECTIONS} or higher, or a lower DATABASE_CONNECTIONS`,
  ];
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
}
