import { availableParallelism } from 'node:os';
import {
  cannotFit,
  cpusWithin,
  type Deployment,
  deploymentNear,
  mebibytes,
  memoryOfWorkers,
  refusalOf,
} from '../model/deployment.ts';
import { bytes, ConfigError, composeUp, type Environment, type Variable, whole } from '../model/environment.ts';
import {
  type PlannedDeployment,
  type ProcessPorts,
  planDeployment,
  portsAtPlace,
  type StackPlan,
} from '../model/stack-plan.ts';
import { type Topology, type TopologyName, topologies, topologyNames, topologyOf } from '../model/topology.ts';
import type { Listing } from './page.ts';
import { connectionsWithin, type NginxSettings } from './render.ts';

/** What nginx's container is told besides the plan. */
interface ContainerSettings {
  readonly measuring: boolean;
  readonly accessLog: boolean;
  /** How many nginx's container lets it open. */
  readonly openFiles: number;
  /** Of nginx: as many as it has CPUs. */
  readonly workerProcesses: number;
  /** The file for the dashboard; absent: none. */
  readonly liveLog?: string;
  /** Where the dashboard serves its page: `dashboard:3000`; absent: there is none. */
  readonly dashboard?: string;
  /** What starts the stack: `docker compose up`. */
  readonly start: string;
}

/** The nginx that `docker-compose.yml` names. */
const VERSION = '1.30.0';
/** Docker's name server, in every network that a user has made. */
const RESOLVER = '127.0.0.11';

export const PAGE_PORT = 8080;
const STATUS_PORT = 8079;

/** nginx's settings in a container, in front of containers: read-only but for `/tmp`, logs to where Docker collects them. */
export function containerSettings(
  { deployments }: StackPlan,
  absent: readonly TopologyName[],
  { openFiles, dashboard, start, ...settings }: ContainerSettings,
): NginxSettings {
  return {
    version: VERSION,
    folder: '/tmp',
    logs: 'streams',
    daemon: false,
    host: '0.0.0.0',
    statusPort: STATUS_PORT,
    ...settings,
    connections: connectionsWithin(openFiles, settings.measuring, files => `set OPEN_FILES=${files} or higher`),
    deployments,
    absent: absent.map(topology => ({
      port: topologyOf(topology).port,
      advice: `Start it beside what is there: ${startCommand(deployments, topology, start)} (with the other variables that you set)`,
    })),
    resolver: RESOLVER,
    pages: {
      port: PAGE_PORT,
      listing: buildListing(deployments, absent, start),
      ...(dashboard !== undefined && { dashboard }),
    },
  };
}

/** What starts a topology beside those that are there already. */
function startCommand(deployments: readonly PlannedDeployment[], topology: TopologyName, start: string): string {
  const profiles = [...deployments.map(({ deployment }) => deployment.topology), topology];
  return `COMPOSE_PROFILES=${profiles.join(',')} ${start}`;
}

function buildListing(
  deployments: readonly PlannedDeployment[],
  absent: readonly TopologyName[],
  start: string,
): Listing {
  return {
    present: deployments,
    logs: start.replace(/up$/, 'logs stack dashboard'),
    absent: absent.map(topology => ({ topology, start: startCommand(deployments, topology, start) })),
  };
}

/** What the environment of the service `stack` asks for. */
interface StackEnvironment extends ContainerSettings {
  readonly plan: StackPlan;
  /** The topologies that are left out. */
  readonly absent: readonly TopologyName[];
}

/** The place of a topology in the ranges of ports follows from its own port: another topology does not move it. */
const FIRST_PORT = 8081;
const PLACES = 12;

/** Profiles of `docker-compose.yml` that are no topology. */
const OTHER_PROFILES = ['load', '*', ''];

/** Reads the environment of the service `stack`; throws a `ConfigError` that names what is wrong with it. */
export function stackEnvironment(environment: Environment): StackEnvironment {
  return {
    ...(environment.LOADLINE_PLAN
      ? { plan: JSON.parse(environment.LOADLINE_PLAN) as StackPlan, absent: [] }
      : resolvePlan(environment)),
    measuring: Boolean(environment.LOADLINE_MEASURING),
    accessLog: Boolean(environment.LOADLINE_ACCESS_LOG),
    ...(environment.LOADLINE_REQUEST_LOG && { liveLog: environment.LOADLINE_REQUEST_LOG }),
    ...(environment.LOADLINE_DASHBOARD && { dashboard: environment.LOADLINE_DASHBOARD }),
    openFiles: whole(environment, 'LOADLINE_OPEN_FILES', 1, 999_999),
    workerProcesses: cpusWithin(
      environment.LOADLINE_NGINX_CPUS,
      environment.LOADLINE_NGINX_CPUSET,
      availableParallelism(),
    ),
    start: composeUp(environment),
  };
}

/** The numbers of a stack that has these deployments; throws a `ConfigError` that names what is wrong. */
export function stackNumbers(environment: Environment, { deployments }: StackPlan): StackNumbers {
  return {
    deployments: deployments.map(({ deployment }) => deployment),
    workersMemory: bytes(environment, 'LOADLINE_WORKERS_MEMORY'),
    databaseMaxConnections: whole(environment, 'LOADLINE_DATABASE_MAX_CONNECTIONS', 1, 262_143),
    workersCpus: Number(environment.LOADLINE_WORKERS_CPUS || 0),
  };
}

/** Each topology that is asked for, as a service of its own name on its well-known port. */
function resolvePlan(environment: Environment): Pick<StackEnvironment, 'plan' | 'absent'> {
  const present = topologiesIn(environment);
  const published = portsIn(environment.LOADLINE_PUBLISHED);
  const deployments = present.map(spec => {
    const { name: host, port } = spec;
    const deployment = deploymentAsked(environment, spec);
    const processes = portsInContainer(deployment);
    return planDeployment(deployment, {
      ...{ host, nginxHost: 'nginx', nginxPort: port, publishedPort: published.get(host) ?? port, processes },
    });
  });
  const absent = topologyNames.filter(name => !present.some(topology => topology.name === name));
  return { plan: { schema: 1, deployments }, absent };
}

/** The topologies of a stack of containers: the profiles that its environment names. */
function topologiesIn(environment: Environment): Topology[] {
  const asked = (environment.LOADLINE_TOPOLOGIES ?? '').split(',').map(name => name.trim());
  const unknown = asked.find(name => !topologyNames.includes(name) && !OTHER_PROFILES.includes(name));
  if (unknown !== undefined) {
    throw new ConfigError('LOADLINE_TOPOLOGIES', `names ${unknown}; there are ${topologyNames.join(', ')}`);
  }
  return topologies.filter(({ name }) => asked.includes(name) || asked.includes('*'));
}

/** The deployment of a topology that is nearest to the numbers of an environment. */
function deploymentAsked(environment: Environment, topology: Topology): Deployment {
  const { LOADLINE_WORKERS_CPUS: limit, LOADLINE_WORKERS_CPUSET: set } = environment;
  const number = (name: Variable, most: number) => (environment[name] ? whole(environment, name, 1, most) : undefined);
  const processes = number('LOADLINE_PROCESSES', 1024);
  const threads = number('LOADLINE_THREADS', 1024);
  const databaseConnections = number('LOADLINE_DATABASE_CONNECTIONS', 100_000);
  const deployment = deploymentNear(topology, cpusWithin(limit, set, availableParallelism()), {
    ...(processes !== undefined && { processes }),
    ...(threads !== undefined && { threads }),
    ...(databaseConnections !== undefined && { databaseConnections }),
  });
  const refusal = refusalOf(deployment);
  if (refusal === undefined) return deployment;
  throw new ConfigError('LOADLINE_TOPOLOGIES', `cannot be deployed with these numbers: ${refusal}`);
}

/** Where the processes of a deployment listen in the stack; throws a `ConfigError` where there are no ports for it. */
export function portsInContainer(deployment: Deployment): ProcessPorts[] {
  try {
    return portsAtPlace(deployment, deployment.spec.port - FIRST_PORT, PLACES);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError('LOADLINE_TOPOLOGIES', `cannot be deployed: ${error.message}`);
  }
}

function portsIn(text = ''): ReadonlyMap<string, number> {
  return new Map(Array.from(text.matchAll(/(\S+)=([1-9]\d*)/g), ([, topology = '', port]) => [topology, Number(port)]));
}

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
export function listRefusals(numbers: StackNumbers): string[] {
  return [...cpuRefusal(numbers), ...memoryRefusal(numbers), ...connectionsRefusal(numbers)];
}

/** What will go badly with these numbers, each in a sentence. */
export function listStackWarnings({ workersCpus }: StackNumbers): string[] {
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
