import { readFileSync } from 'node:fs';
import { type AskedNumbers, type Deployment, deploymentNear, deploymentOf, refusalOf } from '../model/deployment.ts';
import { ConfigError, type Environment, oneOf, type Variable, whole } from '../model/environment.ts';
import { type TopologyName, topologyNames } from '../model/topology.ts';
import { availableCpus, cpusWithin } from './cpus.ts';
import { type LogLevel, logLevels } from './log.ts';

/** What a process of the service is told by its environment. */
export interface Config {
  readonly deployment: Deployment;
  /** Which process of the deployment this is, from 1. */
  readonly process: number;
  readonly host: string;
  /** The first worker's port; the others follow. */
  readonly workerPort: number;
  readonly controlPort: number;
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
    controlPort: whole(environment, 'LOADLINE_CONTROL_PORT', 1, 65_535),
    databaseUrl: databaseUrlFrom(environment),
    logLevel: oneOf(environment, 'LOADLINE_LOG_LEVEL', logLevels, 'info'),
    ...(environment.LOADLINE_MEMORY_KILLS_TOLD && { memoryKillsTold: environment.LOADLINE_MEMORY_KILLS_TOLD }),
  };
}

/** The configuration of this process; in the services this file alone reads `process.env`. */
export function config(): Config {
  return configOf(process.env);
}

/** Where an environment says that the database is; throws a `ConfigError` as `config` does. */
export function databaseUrl(environment: Environment = process.env): string {
  return databaseUrlFrom(environment);
}

/** The deployment that a whole container is for: numbers that are not set have their defaults here, on these CPUs. */
export function containerConfig(environment: Environment = process.env): Deployment {
  return deploymentAsked(environment, oneOf(environment, 'LOADLINE_TOPOLOGY', topologyNames));
}

/** The deployment of `topology` that is nearest to the numbers of an environment. */
export function deploymentAsked(environment: Environment, topology: TopologyName): Deployment {
  return possible(deploymentNear(topology, workersCpus(environment), numbersFrom(environment)));
}

/** CPUs of a topology's container, as another container is told of them; otherwise those of this one. */
function workersCpus({ LOADLINE_WORKERS_CPUS: limit, LOADLINE_WORKERS_CPUSET: set }: Environment): number {
  return limit === undefined ? availableCpus() : cpusWithin(limit, set);
}

function deploymentFrom(environment: Environment): Deployment {
  const topology = oneOf(environment, 'LOADLINE_TOPOLOGY', topologyNames);
  const { processes = 1, threads, databaseConnections } = numbersFrom(environment);
  return possible(
    deploymentOf(topology, processes, {
      processes,
      ...(threads === undefined ? {} : { threadsPerProcess: threads }),
      ...(databaseConnections === undefined ? {} : { databaseConnections }),
    }),
  );
}

function numbersFrom(environment: Environment): AskedNumbers {
  const number = (name: Variable, most: number) => (environment[name] ? whole(environment, name, 1, most) : undefined);
  const processes = number('LOADLINE_PROCESSES', 1024);
  const threads = number('LOADLINE_THREADS', 1024);
  const databaseConnections = number('LOADLINE_DATABASE_CONNECTIONS', 100_000);
  return {
    ...(processes !== undefined && { processes }),
    ...(threads !== undefined && { threads }),
    ...(databaseConnections !== undefined && { databaseConnections }),
  };
}

function possible(deployment: Deployment): Deployment {
  const refusal = refusalOf(deployment);
  if (refusal === undefined) return deployment;
  throw new ConfigError('LOADLINE_TOPOLOGY', `cannot be deployed with these numbers: ${refusal}`);
}

function databaseUrlFrom(environment: Environment): string {
  const given = environment.LOADLINE_DATABASE_URL;
  if (!given || !URL.canParse(given) || !/^postgres(ql)?:$/.test(new URL(given).protocol)) {
    throw new ConfigError('LOADLINE_DATABASE_URL', given ? 'is not a postgres:// URL' : 'is not set');
  }
  const url = new URL(given);
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
