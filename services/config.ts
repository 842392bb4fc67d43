import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Deployment } from '../model/deployment.ts';
import { ConfigError, type Environment, oneOf, whole } from '../model/environment.ts';
import { limits } from '../model/limits.ts';
import type { PlannedDeployment, ProcessPorts, StackPlan } from '../model/stack-plan.ts';
import { type LogLevel, logLevels } from './log.ts';

/** What a process of the service is told: by its environment, and by the plan of the stack. */
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
  const { deployment, databaseRole, processes } = plannedDeployment('LOADLINE_DEPLOYMENT', environment);
  const number = whole(environment, 'LOADLINE_PROCESS', 1, processes.length);
  const { workerPort, controlPort } = processes[number - 1] as ProcessPorts;
  return {
    deployment,
    process: number,
    host: environment.LOADLINE_HOST || '127.0.0.1',
    workerPort,
    ...(!deployment.hidden && { controlPort }),
    databaseUrl: databaseUrl(environment, databaseRole),
    logLevel: oneOf(environment, 'LOADLINE_LOG_LEVEL', logLevels, 'info'),
    ...(environment.LOADLINE_MEMORY_KILLS_TOLD && { memoryKillsTold: environment.LOADLINE_MEMORY_KILLS_TOLD }),
  };
}

/** The configuration of this process; in the services this file alone reads `process.env`. Without one the process ends. */
export async function config(): Promise<Config> {
  try {
    return configOf(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    // PM2 starts it again at once: it gives the machine to others for a while.
    await pause(limits.worker.failedStart * 1000);
    process.exit(2);
  }
}

/** As whom the deployments of the stack connect to the database; none where no plan is named. */
export function databaseRoles({ LOADLINE_STACK: path }: Environment = process.env): string[] {
  return path ? readPlan(path).deployments.map(({ databaseRole }) => databaseRole) : [];
}

/**
 * The deployment of the plan that the environment names: by its id; or by the service of its container, since Compose
 * knows no sizes, and so no id. Throws a `ConfigError` where the plan has none.
 */
export function plannedDeployment(
  variable: 'LOADLINE_DEPLOYMENT' | 'LOADLINE_SERVICE',
  environment: Environment = process.env,
): PlannedDeployment {
  const { LOADLINE_STACK: path = '', [variable]: name = '' } = environment;
  const key = variable === 'LOADLINE_SERVICE' ? 'host' : 'id';
  const planned = readPlan(path).deployments.find(deployment => deployment[key] === name);
  if (planned === undefined) throw new ConfigError(variable, `is ${JSON.stringify(name)}, which ${path} does not have`);
  return planned;
}

/** The plan of the stack; throws a `ConfigError` where the file is not there. */
export function readPlan(path: string): StackPlan {
  if (path === '') throw new ConfigError('LOADLINE_STACK', 'is not set');
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ConfigError('LOADLINE_STACK', `is ${JSON.stringify(path)}, which cannot be read: ${String(cause)}`);
  }
}

/** Where an environment says that the database is, for this role or the user of its URL; throws a `ConfigError` as `configOf` does. */
export function databaseUrl(environment: Environment = process.env, role?: string): string {
  const given = environment.LOADLINE_DATABASE_URL;
  if (!given || !URL.canParse(given) || !/^postgres(ql)?:$/.test(new URL(given).protocol)) {
    throw new ConfigError('LOADLINE_DATABASE_URL', given ? 'is not a postgres:// URL' : 'is not set');
  }
  const url = new URL(given);
  if (role !== undefined) url.username = encodeURIComponent(role);
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
