import { isIPv4, isIPv6 } from 'node:net';
import type { Deployment } from '../../model/deployment.ts';
import { ConfigError, composeUp, type Environment, type Variable, whole } from '../../model/environment.ts';
import { listControls, targetOf } from '../../model/stack-plan.ts';
import { databaseUrl, readPlan } from '../../services/config.ts';
import type { DeploymentId } from '../protocol.ts';

/** A deployment of the stack, as the server reaches it. */
export interface StackDeployment {
  readonly id: DeploymentId;
  readonly deployment: Deployment;
  /** Where k6 sends its load: `http://127.0.0.1:8085`. */
  readonly target: string;
  /** The port of nginx that identifies this deployment in its log. */
  readonly nginxPort: number;
  /** Base URLs of the control threads, one for each process: `http://hybrid:10001`. */
  readonly controls: readonly string[];
}

/** What runs beside the dashboard. */
export interface LiveStack {
  readonly deployments: readonly StackDeployment[];
  /** nginx's log for the dashboard; the dashboard truncates it when it has grown long. */
  readonly requestLog: string;
  readonly databaseUrl: string;
}

/** Addresses of the page besides loopback, and how the user sets them. */
export interface KnownAddresses {
  /** `https://b.example` */
  readonly origins: readonly string[];
  /** The variable that holds them: `PAGE_HOSTS`. */
  readonly variable: string;
  /** Its present value, split. */
  readonly hosts: readonly string[];
  /** What starts the stack: `docker compose up`. */
  readonly start: string;
}

/** The configuration of the dashboard. */
export interface DashboardConfig {
  readonly stack: LiveStack;
  /** The address to listen on. */
  readonly host: string;
  /** For browsers, through nginx. */
  readonly webPort: number;
  /** For k6. */
  readonly deskPort: number;
  /** The folder of the runs of `compare`. */
  readonly runs?: string;
  /** Where browsers find the page: `http://127.0.0.1:8080`. */
  readonly pageAddress: string;
  readonly known: KnownAddresses;
  /** What users log in with; absent: no login is needed. */
  readonly pageToken?: string;
}

/** A missing or wrong setting of the page; the user sees it in the page's place. */
export class PageConfigError extends ConfigError {
  /** Uses the names of the variables that the user sets. */
  readonly detail: string;
  /** A line to type that helps. */
  readonly command: string;

  constructor(variable: Variable, what: string, detail: string, command: string) {
    super(variable, `${what}: ${command}`);
    this.detail = detail;
    this.command = command;
  }
}

/** Characters; fewer could be guessed. */
const SHORTEST_TOKEN = 16;

/** Reads the configuration from the environment; throws a `ConfigError` that names what is wrong. */
export function parseConfig(environment: Environment): DashboardConfig {
  // Compose has an empty text for every address.
  const publishedOn = environment.LOADLINE_PUBLISHED_ON ?? '127.0.0.1';
  const address = parsePageAddress(environment);
  const hosts = parsePageHosts(environment);
  const pageToken = parsePageToken(environment, publishedOn);
  return {
    stack: readStack(environment),
    host: environment.LOADLINE_HOST || '127.0.0.1',
    webPort: whole(environment, 'LOADLINE_WEB_PORT', 1, 65_535, 3000),
    deskPort: whole(environment, 'LOADLINE_DESK_PORT', 1, 65_535, 3001),
    ...(environment.LOADLINE_RUNS && { runs: environment.LOADLINE_RUNS }),
    pageAddress: reachableAddress(address, publishedOn),
    known: {
      origins: pageOrigins(address, publishedOn, hosts),
      variable: userVariable(environment, 'PAGE_HOSTS'),
      hosts,
      start: startCommand(environment),
    },
    ...(pageToken !== undefined && { pageToken }),
  };
}

function readStack(environment: Environment): LiveStack {
  const { LOADLINE_STACK: path = '', LOADLINE_REQUEST_LOG: requestLog } = environment;
  const { deployments } = readPlan(path);
  if (!requestLog) throw new ConfigError('LOADLINE_REQUEST_LOG', 'is not set');
  if (deployments.length === 0) throw new ConfigError('LOADLINE_STACK', `is ${path}, which has no deployment`);
  const hidden = deployments.find(({ deployment }) => deployment.hidden);
  // The page shows what the processes of a deployment report.
  if (hidden) throw new ConfigError('LOADLINE_STACK', `is ${path}, where ${hidden.id} is hidden: leave it out`);
  return {
    deployments: deployments.map(planned => {
      const { id, deployment, nginxPort } = planned;
      return { id, deployment, nginxPort, target: targetOf(planned), controls: listControls(planned) };
    }),
    requestLog,
    databaseUrl: databaseUrl(environment),
  };
}

function parsePageAddress({ LOADLINE_PAGE_ADDRESS: given }: Environment): URL {
  const text = given || 'http://127.0.0.1:8080';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url;
  throw new ConfigError('LOADLINE_PAGE_ADDRESS', `is ${JSON.stringify(text)}, not like http://127.0.0.1:8080`);
}

function parsePageHosts(environment: Environment): string[] {
  const hosts = (environment.LOADLINE_PAGE_HOSTS ?? '').split(/[,\s]+/).filter(host => host !== '');
  const wrong = hosts.find(host => {
    const name = host.replace(/^https?:\/\//, '');
    return !/^([\w.-]+|\[[\da-f:]+\])(:\d+)?$/i.test(name) || !URL.canParse(`http://${name}`);
  });
  if (wrong === undefined) return hosts;
  const variable = userVariable(environment, 'PAGE_HOSTS');
  const what = `has ${JSON.stringify(wrong)}, not like a.example, a.example:8080 or https://a.example`;
  const command = `${variable}=https://a.example ${startCommand(environment)}`;
  throw new PageConfigError('LOADLINE_PAGE_HOSTS', what, `${variable} ${what}. Start it with addresses like:`, command);
}

function parsePageToken(environment: Environment, publishedOn: string): string | undefined {
  const given = environment.LOADLINE_PAGE_TOKEN;
  if (!given && isLoopback(publishedOn)) return undefined;
  if (given && given.length >= SHORTEST_TOKEN) return given;
  const variable = userVariable(environment, 'PAGE_TOKEN');
  const why = given
    ? `has ${given.length} characters`
    : `is not set, and other machines can reach the page on ${publishedOn || 'every address'}`;
  // `tee` prints the token, because the user types it into the page.
  const token = `${variable}=$(openssl rand -hex 16 | tee /dev/stderr) ${startCommand(environment)}`;
  const command = isLoopback(publishedOn) ? token : `PAGE_ADDRESS=${publishedOn} ${token}`;
  const what = `${why}: it needs ${SHORTEST_TOKEN} characters or more`;
  const detail = `${variable} ${what}. This line makes a token and shows it; add the other variables that you set:`;
  throw new PageConfigError('LOADLINE_PAGE_TOKEN', what, detail, command);
}

/** The name by which the user sets a variable: `docker-compose.yml` has its own. */
function userVariable({ LOADLINE_PROJECT: project }: Environment, name: 'PAGE_HOSTS' | 'PAGE_TOKEN'): string {
  return project === undefined ? `LOADLINE_${name}` : name;
}

function startCommand(environment: Environment): string {
  return environment.LOADLINE_PROJECT === undefined ? './loadline up' : composeUp(environment);
}

const everyAddress = ['', '0.0.0.0', '::', '[::]', '*'];

/** The origins that the user named, and those of the addresses that the page is published on, without loopback. */
function pageOrigins(address: URL, publishedOn: string, hosts: readonly string[]): string[] {
  const published = everyAddress.includes(publishedOn) ? [] : [originAt(address, publishedOn)];
  const own = [address.origin, ...published].filter(origin => !isLoopback(new URL(origin).hostname));
  const named = hosts.map(host => new URL(host.includes('://') ? host : `${address.protocol}//${host}`).origin);
  return [...new Set([...own, ...named])];
}

/** The address that users are told: of loopback only where the page is published there. */
function reachableAddress(address: URL, publishedOn: string): string {
  const isThere = everyAddress.includes(publishedOn) || (address.hostname === 'localhost' && isLoopback(publishedOn));
  return isThere || !isLoopback(address.hostname) ? address.origin : originAt(address, publishedOn);
}

function originAt({ protocol, port }: URL, host: string): string {
  return new URL(`${protocol}//${bracket(host)}${port && `:${port}`}`).origin;
}

/** Whether only this machine reaches that address. */
export function isLoopback(host: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(bracket(host)) || (isIPv4(host) && host.startsWith('127.'));
}

/** Whether a host is loopback or a numeric address: DNS rebinding needs a name. */
export function isFixedAddress(host: string): boolean {
  return isLoopback(host) || isIPv4(host) || isIPv6(host.replace(/^\[(.*)\]$/, '$1'));
}

function bracket(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
