import { randomUUID } from 'node:crypto';
import { mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { LoadlineError } from '../../../errors/loadline-error.ts';
import type { Deployment } from '../../../services/deployment.ts';
import { placedInContainer } from '../../../services/placement.ts';
import type { Seconds } from '../../experiment/units.ts';
import type { Endpoint } from '../../trial/runtime.ts';
import { tryLock } from '../lock.ts';
import { requirePossible } from '../possible.ts';
import { AgentLink } from './agent-link.ts';
import { type Container, containersOf } from './containers.ts';
import { docker } from './docker.ts';
import { buildFailure, startFailure } from './failure.ts';
import { HOST_LABEL, removeLeftovers, STACK_LABEL } from './leftovers.ts';
import { type DeployedService, projectOf, servicesOf } from './project.ts';
import { readReference } from './reference.ts';
import { removeProject } from './removal.ts';
import { claimSubnet } from './subnets.ts';

export interface StackOptions {
  /** The checkout: its Compose file is the reference, and stacks lie in its `.loadline`. */
  readonly root: string;
  readonly deployments: readonly Deployment[];
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** A project of containers that runs. */
export interface ComposeStack {
  readonly name: string;
  /** The arguments of `docker` that name the project. */
  readonly compose: readonly string[];
  readonly endpoints: readonly ComposeEndpoint[];
  readonly containers: readonly Container[];
  readonly agent: AgentLink;
  /** Removes everything, and returns when it is gone. */
  stop(): Promise<void>;
}

export interface ComposeEndpoint extends Endpoint {
  /** Where it answers inside nginx's network namespace. */
  readonly inside: string;
  readonly container: Container;
  /** Of its processes, inside the network of the service. */
  readonly controlAddresses: readonly string[];
}

const BUILD_LIMIT: Seconds = 900;
const START_LIMIT: Seconds = 120;
/** Of the connections to the database, for everybody who is not a worker. */
const RESERVED_CONNECTIONS = 20;
const FEWEST_CONNECTIONS = 300;

/** Starts everything and returns when every worker is ready; what was started is removed again when that fails. */
export async function startStack(options: StackOptions): Promise<ComposeStack> {
  requirePossible(options.deployments);
  await removeLeftovers(options.say);
  options.signal.throwIfAborted();
  const name = `loadline-${randomUUID().slice(0, 8)}`;
  const folder = await makeFolder(options.root, name);
  const lock = await tryLock(`stack ${folder}`);
  let agent: AgentLink | undefined;
  const stop = async () => {
    await Promise.all([agent?.close(), removeProject(name)]);
    await rm(folder, { recursive: true, force: true });
    await lock?.release();
  };
  try {
    return await start(options, { name, folder, stop, onAgent: link => (agent = link) });
  } catch (error) {
    await stop();
    options.signal.throwIfAborted();
    throw error;
  }
}

async function start(
  { root, deployments, signal, say }: StackOptions,
  {
    name,
    folder,
    stop,
    onAgent,
  }: { name: string; folder: string; stop(): Promise<void>; onAgent(agent: AgentLink): void },
): Promise<ComposeStack> {
  const subnet = await claimSubnet(signal);
  try {
    const variables = {
      DATABASE_NETWORK: subnet.prefix,
      DATABASE_MAX_CONNECTIONS: `${connectionsFor(deployments)}`,
    };
    const reference = await readReference(root, { project: name, variables, signal });
    const deployed = servicesOf(deployments);
    const file = join(folder, 'compose.json');
    const labels = { [STACK_LABEL]: folder, [HOST_LABEL]: hostname() };
    await writeFile(file, JSON.stringify(projectOf(reference, deployed, labels), null, 2));
    const compose = ['compose', '--file', file, '--project-name', name];
    say('building the image of the service');
    await docker([...compose, '--progress', 'plain', 'build'], { signal, limit: BUILD_LIMIT }).catch(error => {
      signal.throwIfAborted();
      throw buildFailure(error);
    });
    say(`starting containers of Postgres, nginx, ${deployments.map(({ topology }) => topology).join(', ')}`);
    const up = [...compose, 'up', '--detach', '--wait', '--wait-timeout', `${START_LIMIT}`, '--no-build'];
    await docker(up, { signal, limit: START_LIMIT + 30 }).catch(async error => {
      signal.throwIfAborted();
      throw await startFailure(compose, error);
    });
    const containers = await containersOf(name, signal);
    const endpoints = deployed.map(service => endpointOf(service, containers));
    const nginx = containerOf('nginx', containers);
    const { image } = endpoints[0]?.container ?? nginx;
    const agent = await AgentLink.open({ project: name, nginx: nginx.id, image, labels }, signal);
    onAgent(agent);
    return { name, compose, endpoints, containers, agent, stop };
  } finally {
    await subnet.release();
  }
}

/** The container that runs a service of the project. */
export function containerOf(service: string, containers: readonly Container[]): Container {
  const container = containers.find(one => one.service === service);
  if (!container)
    throw new LoadlineError(
      'containers-failed',
      `The container of ${service} does not run; docker ps --all shows whether it ended.`,
    );
  return container;
}

function endpointOf({ deployment, host, port }: DeployedService, containers: readonly Container[]): ComposeEndpoint {
  return {
    deployment,
    url: `http://127.0.0.1:${containerOf('nginx', containers).published.get(port)}`,
    workers: deployment.processes * deployment.threadsPerProcess,
    inside: `http://127.0.0.1:${port}`,
    container: containerOf(host, containers),
    controlAddresses: placedInContainer(deployment).processes.map(
      ({ controlPort }) => `http://${host}:${controlPort}/counters`,
    ),
  };
}

async function makeFolder(root: string, name: string): Promise<string> {
  const folder = join(await realpath(root), '.loadline', 'stacks', name);
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new LoadlineError(
      'folder-unwritable',
      `${folder} cannot be created; run Loadline as the user whose checkout it is`,
      { cause },
    );
  }
  return folder;
}

function connectionsFor(deployments: readonly Deployment[]): number {
  const budgets = deployments.reduce((sum, { databaseConnections }) => sum + databaseConnections, 0);
  return Math.max(FEWEST_CONNECTIONS, budgets + RESERVED_CONNECTIONS);
}
