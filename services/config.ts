import { readFileSync } from 'node:fs';
import { type Deployment, deploymentOf, refusalOf } from '../model/deployment.ts';
import { ConfigError, type Environment, oneOf, type Variable, whole } from '../model/environment.ts';
import type { PlannedDeployment, StackPlan } from '../model/stack-plan.ts';
import { topologyNames } from '../model/topology.ts';
import { type LogLevel, logLevels } from './log.ts';

/** What a process of the service is told by its environment. */
export interface Config {
  readonly deployment: Deployment;
  /** Which process of the deployment this is, from 1. */
  readonly process: number;
  readonly host: string;
  /** The first worker's port; the others follow. */
  readonly workerPort: number;
  /** Absent: the deployment is hidden, and opens none. */
  readonly controlPort?: number;
  readonly databaseUrl: string;
  readonly logLevel: LogLevel;
  /** The file with how many kills for memory were logged; absent: none are. */
  readonly memoryKillsTold?: string;
}

/** The configuration that the environment describes; throws a `ConfigError` that names what is wrong with it. */
export function configOf(environment: Environment): Config {
  const deployment = deploymentFrom(environment);
  return {
    deployment,
    process: whole(environment, 'LOADLINE_PROCESS', 1, deployment.processes, 1),
    host: environment.LOADLINE_HOST || '127.0.0.1',
    workerPort: whole(environment, 'LOADLINE_WORKER_PORT', 1, 65_536 - deployment.threadsPerProcess),
    ...(!deployment.hidden && { controlPort: whole(environment, 'LOADLINE_CONTROL_PORT', 1, 65_535) }),
    databaseUrl: databaseUrl(environment),
    logLevel: oneOf(environment, 'LOADLINE_LOG_LEVEL', logLevels, 'info'),
    ...(environment.LOADLINE_MEMORY_KILLS_TOLD && { memoryKillsTold: environment.LOADLINE_MEMORY_KILLS_TOLD }),
  };
}

/** The configuration of this process; in the services this file alone reads `process.env`. */
export function config(): Config {
  return configOf(process.env);
}

/** The control port of each process that a program starts; of a hidden one it is empty. */
export function controlPorts(environment: Environment = process.env): string[] {
  const ports = (environment.LOADLINE_CONTROL_PORT ?? '').split(' ');
  const processes = whole(environment, 'LOADLINE_PROCESSES', 1, 1024);
  return Array.from({ length: processes }, (_, index) => ports[index] ?? '');
}

/** As whom the deployments of the stack connect to the database; none where no plan is named. */
export function databaseRoles({ LOADLINE_STACK: path }: Environment = process.env): string[] {
  return path ? readPlan(path).deployments.map(({ databaseRole }) => databaseRole) : [];
}

/** The deployment of this container, in the plan of the stack; throws a `ConfigError` where it has none. */
export function plannedDeployment(environment: Environment = process.env): PlannedDeployment {
  const { LOADLINE_STACK: path = '', LOADLINE_SERVICE: service = '' } = environment;
  const planned = readPlan(path).deployments.find(({ host }) => host === service);
  if (planned === undefined) throw new ConfigError('LOADLINE_SERVICE', `is ${service}, which ${path} does not have`);
  return planned;
}

/** The plan of the stack; throws a `ConfigError` where the file is not there. */
export function readPlan(path: string): StackPlan {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ConfigError('LOADLINE_STACK', `is ${JSON.stringify(path)}, which cannot be read: ${String(cause)}`);
  }
}

function deploymentFrom(environment: Environment): Deployment {
  const topology = oneOf(environment, 'LOADLINE_TOPOLOGY', topologyNames);
  const number = (name: Variable, most: number) => (environment[name] ? whole(environment, name, 1, most) : undefined);
  const threadsPerProcess = number('LOADLINE_THREADS', 1024);
  const databaseConnections = number('LOADLINE_DATABASE_CONNECTIONS', 100_000);
  const deployment = deploymentOf(topology, 1, {
    processes: number('LOADLINE_PROCESSES', 1024) ?? 1,
    ...(threadsPerProcess !== undefined && { threadsPerProcess }),
    ...(databaseConnections !== undefined && { databaseConnections }),
    ...(environment.LOADLINE_HIDDEN && { hidden: true }),
  });
  const refusal = refusalOf(deployment);
  if (refusal === undefined) return deployment;
  throw new ConfigError('LOADLINE_TOPOLOGY', `cannot be deployed with these numbers: ${refusal}`);
}

/** Where an environment says that the database is; throws a `ConfigError` as `config` does. */
export function databaseUrl(environment: Environment = process.env): string {
  const given = environment.LOADLINE_DATABASE_URL;
  if (!given || !URL.canParse(given) || !/^postgres(ql)?:$/.test(new URL(given).protocol)) {
    throw new ConfigError('LOADLINE_DATABASE_URL', given ? 'is not a postgres:// URL' : 'is not set');
  }
  const url = new URL(given);
  if (environment.LOADLINE_DATABASE_ROLE) url.username = encodeURIComponent(environment.LOADLINE_DATABASE_ROLE);
  if (url.password === '') url.password = encodeURIComponent(passwordFrom(environment));
  return url.href;
}

function passwordFrom({ PGPASSWORD, PGPASSWORD_FILE }: Environment): string {
  if (!PGPASSWORD_FILE) return PGPASSWORD ?? '';
  try {
    return readFileSync(PGPASSWORD_FILE, 'utf8').trimEnd();
  } catch {
    throw new ConfigError('PGPASSWORD_FILE', `names ${PGPASSWORD_FILE}, which cannot be read`);
  }
}
