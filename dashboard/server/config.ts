import { ConfigError, composeUp, type Environment, type Variable, whole } from '../../model/environment.ts';
import { controlsOf, type PlannedDeployment, targetOf } from '../../model/stack-plan.ts';
import { databaseUrl, readPlan } from '../../services/config.ts';
import { isLoopback, pageOrigins, reachableAddress } from './page-origins.ts';
import type { LiveStack, StackDeployment } from './parts.ts';
import type { KnownAddresses } from './web/guard.ts';

/** What the dashboard is told by its environment. */
export interface Config {
  readonly stack: LiveStack;
  /** The address to listen on. */
  readonly host: string;
  /** For browsers, through nginx. */
  readonly webPort: number;
  /** For k6. */
  readonly deskPort: number;
  /** The folder of the runs of `compare`; absent: there is none. */
  readonly runs?: string;
  /** Where browsers find the page: `http://127.0.0.1:8080`. */
  readonly pageAddress: string;
  /** Where browsers may have it, besides loopback. */
  readonly known: KnownAddresses;
  /** The user's token; absent: none is asked for. */
  readonly pageToken?: string;
}

/** A setting of the page that is missing or wrong; the user sees it in the page's place. */
export class PageConfigError extends ConfigError {
  /** In the names that the user sets. */
  readonly detail: string;
  /** A line to type, which mends it. */
  readonly command: string;

  constructor(variable: Variable, what: string, detail: string, command: string) {
    super(variable, `${what}: ${command}`);
    this.detail = detail;
    this.command = command;
  }
}

/** Fewer characters could be guessed. */
const SHORTEST_TOKEN = 16;

/** The configuration that the environment describes; throws a `ConfigError` that names what is wrong with it. */
export function configOf(environment: Environment): Config {
  const webPort = whole(environment, 'LOADLINE_WEB_PORT', 1, 65_535, 3000);
  const deskPort = whole(environment, 'LOADLINE_DESK_PORT', 1, 65_535, 3001);
  // Empty it is every address, as Compose has it.
  const on = environment.LOADLINE_PUBLISHED_ON ?? '127.0.0.1';
  const address = reachableAddress(pageAddressIn(environment), on);
  const hosts = pageHostsIn(environment);
  const pageToken = pageTokenIn(environment, on);
  return {
    stack: stackOf(environment),
    host: environment.LOADLINE_HOST || '127.0.0.1',
    webPort,
    deskPort,
    ...(environment.LOADLINE_RUNS && { runs: environment.LOADLINE_RUNS }),
    pageAddress: address,
    known: {
      origins: pageOrigins({ address, on, hosts }),
      setting: { variable: userVariable(environment, 'PAGE_HOSTS'), hosts, start: startOf(environment) },
    },
    ...(pageToken !== undefined && { pageToken }),
  };
}

/** The configuration of this process. */
export function config(): Config {
  return configOf(process.env);
}

/** The plan of the stack is a file; the page's addresses and the database are the dashboard's own. */
function stackOf(environment: Environment): LiveStack {
  const { LOADLINE_STACK: path = '', LOADLINE_REQUEST_LOG: requestLog } = environment;
  const { deployments } = readPlan(path);
  if (!requestLog) throw new ConfigError('LOADLINE_REQUEST_LOG', 'is not set');
  if (deployments.length === 0) throw new ConfigError('LOADLINE_STACK', `is ${path}, which has no deployment`);
  const hidden = deployments.find(({ deployment }) => deployment.hidden);
  // What the page shows of a deployment is what its processes tell.
  if (hidden) throw new ConfigError('LOADLINE_STACK', `is ${path}, where ${hidden.id} is hidden: leave it out`);
  return { deployments: deployments.map(stackDeployment), requestLog, databaseUrl: databaseUrl(environment) };
}

function stackDeployment(planned: PlannedDeployment): StackDeployment {
  const { id, deployment, nginxPort } = planned;
  return { id, deployment, nginxPort, target: targetOf(planned), controls: controlsOf(planned) };
}

function pageAddressIn({ LOADLINE_PAGE_ADDRESS: given }: Environment): string {
  const text = given || 'http://127.0.0.1:8080';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  throw new ConfigError('LOADLINE_PAGE_ADDRESS', `is ${JSON.stringify(text)}, not like http://127.0.0.1:8080`);
}

function pageHostsIn(environment: Environment): string[] {
  const hosts = (environment.LOADLINE_PAGE_HOSTS ?? '').split(/[,\s]+/).filter(host => host !== '');
  const wrong = hosts.find(host => {
    const name = host.replace(/^https?:\/\//, '');
    return !/^([\w.-]+|\[[\da-f:]+\])(:\d+)?$/i.test(name) || !URL.canParse(`http://${name}`);
  });
  if (wrong === undefined) return hosts;
  const variable = userVariable(environment, 'PAGE_HOSTS');
  const what = `has ${JSON.stringify(wrong)}, not like a.example, a.example:8080 or https://a.example`;
  const command = `${variable}=https://a.example ${startOf(environment)}`;
  throw new PageConfigError('LOADLINE_PAGE_HOSTS', what, `${variable} ${what}. Start it with addresses like:`, command);
}

function pageTokenIn(environment: Environment, publishedOn: string): string | undefined {
  const given = environment.LOADLINE_PAGE_TOKEN;
  if (!given && isLoopback(publishedOn)) return undefined;
  if (given && given.length >= SHORTEST_TOKEN) return given;
  const variable = userVariable(environment, 'PAGE_TOKEN');
  const why = given
    ? `has ${given.length} characters`
    : `is not set, and the page is published on ${publishedOn || 'every address'}, where other machines reach it`;
  // `tee` prints the token, because the user types it into the page.
  const token = `${variable}=$(openssl rand -hex 16 | tee /dev/stderr) ${startOf(environment)}`;
  const command = isLoopback(publishedOn) ? token : `PAGE_ADDRESS=${publishedOn} ${token}`;
  const what = `${why}: it needs ${SHORTEST_TOKEN} characters or more`;
  const detail = `${variable} ${what}. This line makes a token and shows it; add the other variables that you set:`;
  throw new PageConfigError('LOADLINE_PAGE_TOKEN', what, detail, command);
}

/** What the user calls a variable of the page: `docker-compose.yml` has its own names. */
function userVariable({ LOADLINE_PROJECT: project }: Environment, name: 'PAGE_HOSTS' | 'PAGE_TOKEN'): string {
  return project === undefined ? `LOADLINE_${name}` : name;
}

function startOf(environment: Environment): string {
  return environment.LOADLINE_PROJECT === undefined ? './loadline up' : composeUp(environment);
}
