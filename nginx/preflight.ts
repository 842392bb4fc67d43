import { cannotFit, type Deployment, mebibytes, memoryOfWorkers } from '../model/deployment.ts';

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

/** Connections that workers cannot have: the dashboard, the creation of tables, a person with psql. */
const OTHER_CONNECTIONS = 4;
/** CPUs below which a topology takes minutes to start, and its health checks longer than they may. */
const LEAST_CPUS = 0.05;
/** CPUs below which a topology takes longer than half a minute to start. */
const SLOW_CPUS = 0.2;

/** Why these numbers cannot work, each in a sentence that names the variable to set; none: they can. */
export function refusalsOf(numbers: StackNumbers): string[] {
  return [...cpuRefusal(numbers), ...memoryRefusal(numbers), ...connectionsRefusal(numbers)];
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

function memoryRefusal({ deployments, workersMemory }: StackNumbers): string[] {
  const needs = deployments.map(deployment => {
    const limit = deployment.containers?.workers?.memory ?? workersMemory;
    return { ...deployment, needed: memoryOfWorkers(deployment), limit };
  });
  const refused = needs.filter(({ needed, limit }) => cannotFit(needed, limit));
  const [first] = refused;
  if (first === undefined) return [];
  const each = refused.map(({ topology, needed }) => `${topology} ${mebibytes(needed)} MiB`).join(', ');
  const most = Math.max(...refused.map(({ needed }) => mebibytes(needed)));
  return [
    `The workers need more memory than their container may have, ${mebibytes(first.limit)} MiB: ${each}. Set WORKERS_MEMORY=${most}m, or lower PROCESSES or THREADS`,
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
