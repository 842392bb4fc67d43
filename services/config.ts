import { readFileSync } from 'node:fs';
import { availableCpus } from './cpus.ts';
import { type AskedNumbers, type Deployment, deploymentNear, deploymentOf, refusalOf } from './deployment.ts';
import { type LogLevel, logLevels } from './log.ts';
import { type TopologyName, topologyNames } from './topologies.ts';

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
}

/** The variables of the environment, and what each says. */
export const variables = {
  LOADLINE_TOPOLOGY: 'which topology this process is a part of',
  LOADLINE_TOPOLOGIES: 'which topologies nginx stands in front of, with commas between them',
  LOADLINE_PROCESS: 'which of its processes this is, from 1',
  LOADLINE_PROCESSES: 'how many processes it has',
  LOADLINE_THREADS: 'how many worker threads each process has',
  LOADLINE_DATABASE_CONNECTIONS: 'how many database connections the whole deployment may have',
  LOADLINE_HOST: 'the address to listen on; 127.0.0.1 unless set',
  LOADLINE_WORKER_PORT: 'the port of the first worker; the others follow',
  LOADLINE_CONTROL_PORT: 'the port of the control thread',
  LOADLINE_DATABASE_URL: 'where the database is: postgres://user@host:port/name',
  PGPASSWORD: "the database's password, when the URL holds none",
  PGPASSWORD_FILE: 'a file that holds it',
  LOADLINE_LOG_LEVEL: 'info, or error for less',
} as const;
export type Variable = keyof typeof variables;

/** A variable of the environment that is missing or wrong. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(variable: Variable, what: string) {
    super(`${variable} ${what} (${variables[variable]})`);
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

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
  };
}

/** The configuration of this process; this file alone reads `process.env`. */
export function config(): Config {
  return configOf(process.env);
}

/** Where the environment of this process says that the database is; throws a `ConfigError` as `config` does. */
export function databaseUrl(): string {
  return databaseUrlFrom(process.env);
}

/** The deployment that a whole container is for: numbers that are not set have their defaults here, on these CPUs. */
export function containerConfig(environment: Environment = process.env): Deployment {
  return deploymentAsked(environment, oneOf(environment, 'LOADLINE_TOPOLOGY', topologyNames));
}

/** The deployments that a stack's environment asks for, and the topologies that it leaves out. */
export function stackConfig(environment: Environment = process.env): {
  deployments: Deployment[];
  absent: TopologyName[];
} {
  const asked = (environment.LOADLINE_TOPOLOGIES ?? '').split(',').map(name => name.trim());
  const present = topologyNames.filter(name => asked.includes(name) || asked.includes('*'));
  return {
    deployments: present.map(topology => deploymentAsked(environment, topology)),
    absent: topologyNames.filter(name => !present.includes(name)),
  };
}

function deploymentAsked(environment: Environment, topology: TopologyName): Deployment {
  return possible(deploymentNear(topology, availableCpus(), numbersFrom(environment)));
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
  throw new ConfigError('LOADLINE_TOPOLOGY', `cannot be deployed so: ${refusal}`);
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

function whole(environment: Environment, name: Variable, minimum: number, maximum: number, fallback?: number): number {
  const text = environment[name];
  const value = text ? (/^\d{1,6}$/.test(text) ? Number(text) : Number.NaN) : fallback;
  if (value === undefined) throw new ConfigError(name, 'is not set');
  if (value >= minimum && value <= maximum) return value;
  throw new ConfigError(name, `is ${JSON.stringify(text)}, not a whole number from ${minimum} to ${maximum}`);
}

function oneOf<Value extends string>(
  environment: Environment,
  name: Variable,
  values: readonly Value[],
  fallback?: Value,
): Value {
  const text = environment[name] || fallback;
  const found = values.find(value => value === text);
  if (found !== undefined) return found;
  throw new ConfigError(
    name,
    `is ${text === undefined ? 'not set' : JSON.stringify(text)}, not one of ${values.join(', ')}`,
  );
}
