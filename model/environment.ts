import { parseMemory, parseNumber } from './quantities.ts';

/** The variables of the environment, and what each says. */
const variables = {
  LOADLINE_DEPLOYMENT: 'which deployment of the plan this process is a part of: hybrid-2x1-40',
  LOADLINE_SERVICE: 'the name of this service in docker-compose.yml, the host of its deployment in the plan: hybrid',
  LOADLINE_SIZES: 'the sizes of .env; Compose recreates the containers when they change',
  LOADLINE_TOPOLOGIES:
    'which topologies nginx stands in front of, with commas between them; COMPOSE_PROFILES in docker-compose.yml',
  LOADLINE_PLAN: 'in place of the topologies and sizes: the text of stack.json',
  LOADLINE_MEASURING: 'anything: nginx takes no worker out and sends no request twice',
  LOADLINE_ACCESS_LOG: 'anything: nginx writes a line for each request',
  LOADLINE_REQUEST_LOG: "nginx's log for the dashboard, a line for each request to a topology",
  LOADLINE_DASHBOARD: 'where nginx finds the dashboard: dashboard:3000',
  LOADLINE_OPEN_FILES: 'how many files nginx may open',
  LOADLINE_NGINX_CPUS: "the limit of nginx's container in CPUs; 0: none",
  LOADLINE_NGINX_CPUSET: "the CPUs that nginx's container may use: 0-2,5",
  LOADLINE_PUBLISHED: 'the ports by which browsers reach the topologies: sync=8081 threads=8082',
  LOADLINE_PROCESS: 'which of its processes this is, from 1; of several that share a port, the first',
  LOADLINE_PROCESSES: 'how many processes each topology has; PROCESSES in docker-compose.yml',
  LOADLINE_THREADS: 'how many worker threads each process has; THREADS in docker-compose.yml',
  LOADLINE_DATABASE_CONNECTIONS:
    'how many database connections the whole deployment may have; DATABASE_CONNECTIONS in docker-compose.yml',
  LOADLINE_HOST: 'the address to listen on; 127.0.0.1 unless set',
  LOADLINE_DATABASE_URL: 'where the database is: postgres://user@host:port/name, the host by its full name',
  LOADLINE_STACK: 'the file with the plan of the stack: stack.json',
  LOADLINE_WEB_PORT: 'the port on which the dashboard serves its page, to nginx alone; 3000 unless set',
  LOADLINE_DESK_PORT: 'the port on which the dashboard gives k6 its orders; 3001 unless set',
  LOADLINE_RUNS: 'the folder of the runs of compare that the page lists; none unless set',
  LOADLINE_PAGE_ADDRESS: 'where browsers find the page; http://127.0.0.1:8080 unless set',
  LOADLINE_PAGE_HOSTS:
    'further names, with their ports, by which browsers may have the page: a.example:8080,https://b.example; PAGE_HOSTS in docker-compose.yml',
  LOADLINE_PAGE_TOKEN:
    'the token that the page asks for, needed where it is published elsewhere than on loopback; PAGE_TOKEN in docker-compose.yml',
  LOADLINE_PUBLISHED_ON:
    'the address of this machine that the page is published on; PAGE_ADDRESS in docker-compose.yml',
  LOADLINE_WORKERS_CPUS: 'CPUs that each topology may use; 0: all; WORKERS_CPUS in docker-compose.yml',
  LOADLINE_WORKERS_CPUSET: 'which CPUs the topologies may use: 0-2,5; WORKERS_CPUSET in docker-compose.yml',
  LOADLINE_WORKERS_MEMORY: "memory of each topology's container: 512m or 2g; WORKERS_MEMORY in docker-compose.yml",
  LOADLINE_DATABASE_MAX_CONNECTIONS: 'connections that Postgres allows; DATABASE_MAX_CONNECTIONS in docker-compose.yml',
  LOADLINE_PROJECT: 'the project name of Compose, for the commands that users are told',
  LOADLINE_OUTDATED: 'variables of earlier versions that are set and have no effect any more',
  PGPASSWORD: "the database's password, when the URL holds none",
  PGPASSWORD_FILE: 'a file that holds it',
  LOADLINE_MEMORY_KILLS_TOLD: 'the file with how many kills for memory were logged; none are logged unless set',
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

/** Variables by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The command that starts the stack of containers again. */
export function composeUp({ LOADLINE_PROJECT: project = 'loadline' }: Environment): string {
  return project === 'loadline' ? 'docker compose up' : `docker compose -p ${project} up`;
}

/** A whole number within limits; `fallback` where the variable is not set. */
export function whole(
  environment: Environment,
  name: Variable,
  minimum: number,
  maximum: number,
  fallback?: number,
): number {
  const text = environment[name];
  const value = text ? (/^\d{1,6}$/.test(text) ? Number(text) : Number.NaN) : fallback;
  if (value === undefined) throw new ConfigError(name, 'is not set');
  if (value >= minimum && value <= maximum) return value;
  throw new ConfigError(name, `is ${JSON.stringify(text)}, not a whole number from ${minimum} to ${maximum}`);
}

/** An amount of memory in bytes, written as Docker takes it: `512m`, `1.5g`. */
export function bytes(environment: Environment, name: Variable): number {
  const text = environment[name];
  if (!text) throw new ConfigError(name, 'is not set');
  const amount = parseMemory(text, 1024) ?? parseNumber(text);
  if (amount !== undefined) return amount;
  throw new ConfigError(name, `is ${JSON.stringify(text)}, not an amount such as 512m or 2g`);
}

/** One of these values; `fallback` where the variable is not set. */
export function oneOf<Value extends string>(
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
