import { randomUUID } from 'node:crypto';
import { realpath, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Deployment } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import { deriveParallelism } from '../../../model/parallelism.ts';
import type { Seconds } from '../../../model/quantities.ts';
import { controlsOf, type PlannedDeployment } from '../../../model/stack-plan.ts';
import type { Endpoint } from '../../run/runtime.ts';
import { connectionsFor } from '../connections.ts';
import { tryLock } from '../lock.ts';
import { makeFolder } from '../make-folder.ts';
import type { DrivenEndpoint } from '../measured-stack.ts';
import { requirePossible } from '../possible.ts';
import { type Container, containersOf, placeOf } from './containers.ts';
import { docker } from './docker.ts';
import { buildFailure, startFailure } from './failure.ts';
import { HOST_LABEL, PROCESS_LABEL, removeLeftovers, STACK_LABEL } from './leftovers.ts';
import { joinNetwork, type OwnContainer } from './own-container.ts';
import { ProbeLink } from './probe-link.ts';
import { IMAGE, planProject, projectOf } from './project.ts';
import { readReference } from './reference.ts';
import { removeProject } from './removal.ts';

export interface StackOptions {
  /** The checkout: its Compose file is the reference, and stacks lie in its `.loadline`. */
  readonly root: string;
  readonly deployments: readonly Deployment[];
  /** The engine's container that this command runs in. */
  readonly ownContainer?: OwnContainer | undefined;
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
  /** k6 runs in a container of its own for each load. */
  readonly k6Image: string;
  /** In nginx's network namespace. */
  readonly probe: ProbeLink;
  /** Removes everything, and returns when it is gone. */
  stop(): Promise<void>;
}

export interface ComposeEndpoint extends DrivenEndpoint {
  readonly container: Container;
}

/** With images that have to be fetched first. */
const BUILD_LIMIT: Seconds = 900;
const START_LIMIT: Seconds = 120;
/** nginx and the workers are healthy by then. */
const REACH_LIMIT: Seconds = 10;
const REACH_GAP: Seconds = 0.2;

/** Starts everything and returns when every worker is ready; what was started is removed again when that fails. */
export async function startStack(options: StackOptions): Promise<ComposeStack> {
  const { root, deployments, ownContainer, signal, say } = options;
  requirePossible(deployments);
  await removeLeftovers(say);
  signal.throwIfAborted();
  const name = `loadline-${randomUUID().slice(0, 8)}`;
  const folder = join(await realpath(root), '.loadline', 'stacks', name);
  await makeFolder(folder);
  const labels = {
    [STACK_LABEL]: folder,
    [HOST_LABEL]: ownContainer?.id ?? hostname(),
    [PROCESS_LABEL]: `${process.pid}`,
  };
  const plan = planProject(deployments);
  // Taken down in the opposite order: whoever finds the lock free finds nothing else either.
  const started = new AsyncDisposableStack();
  try {
    started.use(await tryLock(`stack ${folder}`));
    started.defer(() => rm(folder, { recursive: true, force: true }));
    let settled = false;
    started.defer(() => removeProject(name, { settled }));
    const compose = ['compose', '--file', join(folder, 'compose.json'), '--project-name', name];
    const variables = { IMAGE, DATABASE_MAX_CONNECTIONS: `${connectionsFor(deployments)}` };
    const reference = await readReference(root, { project: name, variables, signal });
    await writeFile(join(folder, 'compose.json'), JSON.stringify(projectOf(reference, plan, labels), null, 2));
    await bringUp(compose, options);
    settled = true;
    const containers = await containersOf(name, signal);
    const nginx = containerOf('nginx', containers);
    const addresses = await findAddresses(nginx, ownContainer, signal);
    const endpoints = plan.deployments.map(planned => endpointOf(planned, containers, addresses));
    const [first] = endpoints;
    if (first) await requireReachable(first, signal);
    const { image } = first?.container ?? nginx;
    const probe = started.use(await ProbeLink.open({ project: name, nginx: nginx.id, image, labels }, signal));
    const k6Image = reference.services.k6?.image ?? '';
    return { name, compose, endpoints, containers, k6Image, probe, stop: () => started.disposeAsync() };
  } catch (error) {
    // What is told is why it did not start; what is left of it the next command removes.
    await started.disposeAsync().catch((left: Error) => say(`not all of ${name} could be removed: ${left.message}`));
    throw error;
  }
}

/** Builds what has to be built and starts all services but k6's. */
async function bringUp(compose: readonly string[], { root, deployments, signal, say }: StackOptions): Promise<void> {
  say('building the images of the service and of k6');
  await docker([...compose, '--profile', '*', '--progress', 'plain', 'build'], {
    signal,
    limit: BUILD_LIMIT,
    // With bake Compose cannot build in a folder whose name has letters beyond ASCII (docker/compose#13965).
    variables: /^[ -~]*$/.test(basename(await realpath(root))) ? {} : { COMPOSE_BAKE: 'false' },
  }).catch(error => {
    throw buildFailure(error);
  });
  try {
    say(`starting containers of Postgres, nginx, ${deployments.map(({ topology }) => topology).join(', ')}`);
    const up = ['up', '--detach', '--wait', '--wait-timeout', `${START_LIMIT}`, '--no-build'];
    await docker([...compose, ...up], { signal, limit: BUILD_LIMIT });
  } catch (error) {
    throw await startFailure(compose, error);
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

/** Gives the address at which this command reaches a port of nginx. */
type FindAddress = (port: number) => string;

/** Where nginx is reached from here: on the ports that the engine publishes, or from container to container. */
async function findAddresses(
  nginx: Container,
  ownContainer: OwnContainer | undefined,
  signal: AbortSignal,
): Promise<FindAddress> {
  if (ownContainer === undefined || ownContainer.network === 'host')
    return port => `http://127.0.0.1:${nginx.published.get(port)}`;
  const address = await joinNetwork(nginx.id, ownContainer.network, signal);
  return port => `http://${address}:${port}`;
}

/** Refuses an engine that publishes ports elsewhere than where they are asked for from here. */
async function requireReachable({ url }: Endpoint, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(REACH_LIMIT * 1000)]);
  for (;;) {
    try {
      await (await fetch(`${url}/plain`, { signal: limit, headers: { connection: 'close' } })).text();
      return;
    } catch (cause) {
      signal.throwIfAborted();
      if (limit.aborted) throw unreachable(url, cause);
      // An engine in a virtual machine forwards a port a little after its container is healthy.
      await delay(REACH_GAP * 1000, undefined, { signal });
    }
  }
}

function unreachable(url: string, cause: unknown): LoadlineError {
  return new LoadlineError(
    'engine-missing',
    `nginx runs in its container and does not answer at ${url}: the Docker Engine publishes its ports on another machine or in another container. Run Loadline there, or measure without containers: --runtime local`,
    { cause },
  );
}

function endpointOf(
  planned: PlannedDeployment,
  containers: readonly Container[],
  addressOf: FindAddress,
): ComposeEndpoint {
  const { deployment, host, nginxPort } = planned;
  const container = containerOf(host, containers);
  const url = addressOf(nginxPort);
  const workers = deriveParallelism(deployment).workers;
  return {
    deployment,
    url,
    workers,
    // They are in a network that is closed to this machine. nginx gives a request in turn to each port of an idle
    // deployment; workers that share a port may leave all of them to one.
    addresses: Array.from({ length: workers }, () => url),
    // Inside nginx's network namespace.
    target: `http://127.0.0.1:${nginxPort}`,
    container,
    controls: controlsOf(planned),
    databaseRole: planned.databaseRole,
    workersPlace: () => placeOf(container),
  };
}
