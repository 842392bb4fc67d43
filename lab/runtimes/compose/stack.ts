import { randomUUID } from 'node:crypto';
import { realpath, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Deployment } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import { deriveParallelism } from '../../../model/parallelism.ts';
import type { Seconds } from '../../../model/quantities.ts';
import { listControls, type PlannedDeployment } from '../../../model/stack-plan.ts';
import type { Endpoint } from '../../run/runtime.ts';
import { connectionsFor, requirePossible } from '../feasibility.ts';
import { indentTail } from '../local/processes.ts';
import { tryLock } from '../lock.ts';
import { type MeasuredEndpoint, makeStackFolder } from '../measured-stack.ts';
import { type Container, findContainer, listContainers, placeOf } from './containers.ts';
import { DockerFailure, docker, splitLines } from './docker.ts';
import { joinNetwork, type OwnContainer } from './engine.ts';
import { HOST_LABEL, PROCESS_LABEL, removeLeftovers, removeProject, STACK_LABEL } from './leftovers.ts';
import { ProbeLink } from './probe-link.ts';
import { describeProject, IMAGE, planProject, readReference } from './project.ts';

export interface ComposeStackOptions {
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

export interface ComposeEndpoint extends MeasuredEndpoint {
  readonly container: Container;
}

/** With images that have to be fetched first. */
const BUILD_LIMIT: Seconds = 900;
const START_LIMIT: Seconds = 120;
/** nginx and the workers are healthy by then. */
const REACH_LIMIT: Seconds = 10;
const REACH_GAP: Seconds = 0.2;
/** In the words of Docker Engine 20.10 to 26, and of later ones. */
const noAddresses =
  /could not find an available, non-overlapping IPv4 address pool|all predefined address pools have been fully subnetted/i;
const stateSchema = z.object({ Service: z.string(), State: z.string(), Health: z.string(), ExitCode: z.number() });

/** Starts everything and returns when every worker is ready; what was started is removed again when that fails. */
export async function startComposeStack(options: ComposeStackOptions): Promise<ComposeStack> {
  const { root, deployments, ownContainer, signal, say } = options;
  requirePossible(deployments);
  await removeLeftovers(say);
  signal.throwIfAborted();
  const name = `loadline-${randomUUID().slice(0, 8)}`;
  const folder = join(await realpath(root), '.loadline', 'stacks', name);
  await makeStackFolder(folder);
  const labels = {
    [STACK_LABEL]: folder,
    [HOST_LABEL]: ownContainer?.id ?? hostname(),
    [PROCESS_LABEL]: `${process.pid}`,
  };
  const plan = planProject(deployments);
  // Taken down in the opposite order: when the lock is free nothing else is left.
  const started = new AsyncDisposableStack();
  try {
    started.use(await tryLock(`stack ${folder}`));
    started.defer(() => rm(folder, { recursive: true, force: true }));
    let settled = false;
    started.defer(() => removeProject(name, { settled }));
    const compose = ['compose', '--file', join(folder, 'compose.json'), '--project-name', name];
    const variables = { IMAGE, DATABASE_MAX_CONNECTIONS: `${connectionsFor(deployments)}` };
    const reference = await readReference(root, { project: name, variables, signal });
    await writeFile(join(folder, 'compose.json'), JSON.stringify(describeProject(reference, plan, labels), null, 2));
    await bringUp(compose, options);
    settled = true;
    const containers = await listContainers(name, signal);
    const nginx = findContainer('nginx', containers);
    const addresses = await findAddresses(nginx, ownContainer, signal);
    const endpoints = plan.deployments.map(planned => buildEndpoint(planned, containers, addresses));
    const [first] = endpoints;
    if (first) await requireReachable(first, signal);
    const { image } = first?.container ?? nginx;
    const probe = started.use(await ProbeLink.open({ project: name, nginx: nginx.id, image, labels }, signal));
    const k6Image = reference.services.k6?.image ?? '';
    return { name, compose, endpoints, containers, k6Image, probe, stop: () => started.disposeAsync() };
  } catch (error) {
    // The next command removes what is left.
    await started.disposeAsync().catch((left: Error) => say(`not all of ${name} could be removed: ${left.message}`));
    throw error;
  }
}

/** Builds what has to be built and starts all services but k6's. */
async function bringUp(
  compose: readonly string[],
  { root, deployments, signal, say }: ComposeStackOptions,
): Promise<void> {
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

/** How this command reaches a port of nginx: as the engine publishes it, or from container to container. */
async function findAddresses(
  nginx: Container,
  ownContainer: OwnContainer | undefined,
  signal: AbortSignal,
): Promise<(port: number) => string> {
  if (ownContainer === undefined || ownContainer.network === 'host')
    return port => `http://127.0.0.1:${nginx.published.get(port)}`;
  const address = await joinNetwork(nginx.id, ownContainer.network, signal);
  return port => `http://${address}:${port}`;
}

/** Refuses an engine that publishes ports where this command cannot reach them. */
async function requireReachable({ url }: Endpoint, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(REACH_LIMIT * 1000)]);
  for (;;) {
    try {
      await (await fetch(`${url}/plain`, { signal: limit, headers: { connection: 'close' } })).text();
      return;
    } catch (cause) {
      signal.throwIfAborted();
      if (limit.aborted) {
        const message = `nginx runs in its container and does not answer at ${url}: the Docker Engine publishes its ports on another machine or in another container. Run Loadline there, or measure without containers: --runtime local`;
        throw new LoadlineError('engine-missing', message, { cause });
      }
      // An engine in a virtual machine forwards a port a little after its container is healthy.
      await delay(REACH_GAP * 1000, undefined, { signal });
    }
  }
}

function buildEndpoint(
  planned: PlannedDeployment,
  containers: readonly Container[],
  addressOf: (port: number) => string,
): ComposeEndpoint {
  const { deployment, host, nginxPort } = planned;
  const container = findContainer(host, containers);
  const url = addressOf(nginxPort);
  const workers = deriveParallelism(deployment).workers;
  return {
    deployment,
    url,
    workers,
    // Their network is closed to this machine. nginx gives a request in turn to each port of an idle deployment;
    // workers that share a port may leave all of them to one.
    addresses: Array.from({ length: workers }, () => url),
    // Inside nginx's network namespace.
    target: `http://127.0.0.1:${nginxPort}`,
    container,
    controls: listControls(planned),
    databaseRole: planned.databaseRole,
    workersPlace: () => placeOf(container),
  };
}

/** What is told of a build that failed: the end of its output. */
export function buildFailure(cause: unknown): unknown {
  if (!(cause instanceof DockerFailure)) return cause;
  const message = `The image of the service could not be built:${indentTail(cause.said)}`;
  return new LoadlineError('image-failed', message, { cause });
}

/** What is told of a project that did not come up: the broken service, and the end of its log. */
export async function startFailure(compose: readonly string[], cause: unknown): Promise<unknown> {
  if (!(cause instanceof DockerFailure)) return cause;
  if (noAddresses.test(cause.said)) {
    const message =
      'The Docker Engine has no range of addresses left for a network; remove unused networks: docker network prune';
    return new LoadlineError('networks-taken', message, { cause });
  }
  const lines = splitLines(await docker([...compose, 'ps', '--all', '--format', 'json']));
  const broken = lines.map(line => stateSchema.parse(JSON.parse(line))).find(isBroken);
  if (!broken) {
    const message = `The containers could not be started:${indentTail(cause.said)}`;
    return new LoadlineError('containers-failed', message, { cause });
  }
  const { Service, State, Health, ExitCode } = broken;
  const isSick = Health === 'unhealthy' && State === 'running';
  const what = isSick ? 'did not become healthy' : `ended with exit code ${ExitCode}`;
  const log = [...compose, 'logs', '--no-color', '--no-log-prefix', '--tail', '20', Service];
  const said = indentTail(await docker(log, { both: true })) || ' nothing';
  const message = `The container of ${Service} ${what}. The end of its log:${said}`;
  return new LoadlineError('containers-failed', message, { cause });
}

function isBroken({ State, Health, ExitCode }: z.infer<typeof stateSchema>): boolean {
  return Health === 'unhealthy' || (State === 'exited' && ExitCode !== 0) || State === 'dead' || State === 'restarting';
}
