import { z } from 'zod';
import { LoadlineError } from '../../../model/errors.ts';
import type { Seconds } from '../../../model/quantities.ts';
import { type ReadText, readText } from '../../../services/cpus.ts';
import { DockerFailure, docker, EngineFailure, engineSilent, INSTALL_ENGINE, ifRefused } from './docker.ts';

/** A Docker Engine that answers and can run the stack. */
export interface Engine {
  readonly version: string;
  readonly composeVersion: string;
  /** CPUs of the machine that it runs on, which may be a virtual one. */
  readonly cpus: number;
  readonly system: string;
  readonly kernel: string;
  readonly cgroupVersion: string;
  /** The container of this engine that the command runs in. */
  readonly ownContainer?: OwnContainer;
}

/** Why no engine here can run the stack, in whole sentences. */
export interface NoEngine {
  /** What was found. */
  readonly missing: string;
  /** What to do to have one. */
  readonly advice: string;
}

/** The container that this command runs in, such as a CI job with the engine's socket. */
export interface OwnContainer {
  readonly id: string;
  /** The first of its networks; `host`: that of the machine; `none`: it has none. */
  readonly network: string;
}

type Version = readonly [major: number, minor: number, patch: number];

const LIMIT: Seconds = 10;
const CHARACTERS_SHOWN = 80;
const INSTALL_COMPOSE = 'https://docs.docker.com/compose/install';
const INSTALL_BUILDX = 'https://github.com/docker/buildx#installing';
/** Older ones were never tried. */
const OLDEST_COMPOSE: Version = [2, 22, 0];
/** The oldest buildx that Compose builds with, since the second version; before the third it can build without buildx. */
const OLDEST_BUILDX: Version = [0, 17, 0];
const FIRST_COMPOSE_STRICT_ON_BUILDX: Version = [2, 40, 1];
const FIRST_COMPOSE_WITHOUT_BUILDKIT: Version = [5, 0, 0];

const pluginSchema = z.object({ Name: z.string(), Version: z.string().default(''), Err: z.unknown().optional() });
const infoSchema = z.object({
  ServerVersion: z.string().min(1),
  NCPU: z.number().positive(),
  OperatingSystem: z.string(),
  KernelVersion: z.string(),
  CgroupVersion: z.string().default('1'),
  ClientInfo: z.object({ Plugins: z.array(pluginSchema).nullish() }).optional(),
});
/** The answer of a client that found no engine. */
const refusalSchema = z.object({ ServerErrors: z.tuple([z.string()], z.string()) });
/** The answer of Podman's own command. */
const podmanSchema = z.object({ host: z.object({}), store: z.object({}), version: z.object({ Version: z.string() }) });
/** The server's part of `docker version`. */
const serverSchema = z.object({ Components: z.array(z.object({ Name: z.string(), Version: z.string() })) });
const ownContainerSchema = z.tuple([
  z.object({
    HostConfig: z.object({ NetworkMode: z.string() }),
    NetworkSettings: z.object({ Networks: z.record(z.string(), z.object({ IPAddress: z.string() })) }),
  }),
]);

/** Finds the engine that the `docker` on PATH talks to. */
export async function findEngine(signal?: AbortSignal): Promise<Engine | NoEngine> {
  try {
    const host = await engineHost(signal);
    if (host !== undefined && !host.startsWith('unix://')) return remoteEngine(host);
    const [info, server] = await Promise.all([
      docker(['info', '--format', '{{json .}}'], { limit: LIMIT, signal }),
      docker(['version', '--format', '{{json .Server}}'], { limit: LIMIT, signal }).catch(ifRefused),
    ]);
    const answer = parseJson(info);
    if (answer === undefined) return unreadableAnswer(info.trim().slice(0, CHARACTERS_SHOWN));
    const engine = readEngine(answer, parseJson(server ?? ''));
    if (!isThere(engine)) return engine;
    const ownContainer = await findOwnContainer(signal);
    if (ownContainer?.network === 'none') return unreachableFrom(ownContainer);
    return { ...engine, ...(ownContainer && { ownContainer }) };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof EngineFailure) return explainFailure(error);
    if (!(error instanceof DockerFailure)) throw error;
    return /\bpodman\b/i.test(error.said) ? podman('') : explainFailure(engineSilent(error.said));
  }
}

/** Tells an engine from the lack of one. */
export function isThere(engine: Engine | NoEngine): engine is Engine {
  return !('missing' in engine);
}

/** The address of the engine, such as `unix:///var/run/docker.sock`; `undefined` where `docker` knows no contexts. */
export async function engineHost(signal?: AbortSignal): Promise<string | undefined> {
  const inspect = ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'];
  return (await docker(inspect, { limit: LIMIT, signal }).catch(ifRefused))?.trim();
}

/** Finds the container that this command runs in; `undefined` where there is none, or another engine has it. */
export async function findOwnContainer(signal?: AbortSignal, read?: ReadText): Promise<OwnContainer | undefined> {
  const id = ownContainerId(read);
  const network = id === undefined ? undefined : await findNetwork(id, signal);
  return id === undefined || network === undefined ? undefined : { id, network };
}

/** The id of the container that this process runs in, whichever engine has it: Docker mounts its files over /etc. */
export function ownContainerId(read: ReadText = readText): string | undefined {
  return /\/containers\/([0-9a-f]{64})\/hostname \/etc\/hostname /.exec(read('/proc/self/mountinfo') ?? '')?.[1];
}

/** Connects a container to a network, until the container is removed, and returns its address there. */
export async function joinNetwork(container: string, network: string, signal: AbortSignal): Promise<string> {
  await docker(['network', 'connect', network, container], { signal }).catch((cause: unknown) => {
    if (!(cause instanceof DockerFailure)) throw cause;
    const message = `nginx cannot join the Docker network ${network} of the container that Loadline runs in (${cause.said.trim()}). Start that container on another network (docker run --network bridge).`;
    throw new LoadlineError('engine-missing', message, { cause });
  });
  return (await inspectNetworks(container, signal))?.NetworkSettings.Networks[network]?.IPAddress ?? '';
}

/** `undefined`: the engine has no such container. */
async function findNetwork(container: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const found = await inspectNetworks(container, signal);
  if (found === undefined) return undefined;
  const [mode, owner] = found.HostConfig.NetworkMode.split(':');
  if (mode === 'container' && owner !== undefined) return (await findNetwork(owner, signal)) ?? 'none';
  return Object.keys(found.NetworkSettings.Networks)[0] ?? 'none';
}

async function inspectNetworks(id: string, signal: AbortSignal | undefined) {
  const answer = await docker(['inspect', '--type', 'container', id], { signal }).catch(ifRefused);
  return answer === undefined ? undefined : ownContainerSchema.parse(JSON.parse(answer))[0];
}

/** `info` and `server` are what `docker info` and `docker version` answered. */
function readEngine(info: unknown, server: unknown): Engine | NoEngine {
  const itself = podmanSchema.safeParse(info);
  if (itself.success) return podman(` ${itself.data.version.Version}`);
  const components = serverSchema.safeParse(server).data?.Components ?? [];
  const behind = components.find(({ Name }) => Name === 'Podman Engine');
  if (behind) return podman(` ${behind.Version}`, true);
  const refusal = refusalSchema.safeParse(info);
  if (refusal.success) return explainFailure(engineSilent(refusal.data.ServerErrors[0]));
  const answer = infoSchema.safeParse(info);
  if (!answer.success) return explainFailure(engineSilent('docker info shows no server version'));
  const { ServerVersion, NCPU, OperatingSystem, KernelVersion, CgroupVersion, ClientInfo } = answer.data;
  const plugins = new Map((ClientInfo?.Plugins ?? []).filter(({ Err }) => !Err).map(one => [one.Name, one.Version]));
  const composeVersion = plugins.get('compose');
  const refused = judgePlugins(composeVersion, plugins.get('buildx'));
  if (composeVersion === undefined || refused !== undefined) return refused as NoEngine;
  return {
    version: ServerVersion,
    composeVersion,
    cpus: NCPU,
    system: OperatingSystem,
    kernel: KernelVersion,
    cgroupVersion: CgroupVersion,
  };
}

/** Why this Compose, with this buildx, cannot build and start the stack; `undefined` where it can. */
function judgePlugins(compose: string | undefined, buildx: string | undefined): NoEngine | undefined {
  const [oldestCompose, oldestBuildx] = [OLDEST_COMPOSE, OLDEST_BUILDX].map(version => version.slice(0, 2).join('.'));
  const advice = `Install Compose ${oldestCompose} or later: ${INSTALL_COMPOSE}.`;
  if (compose === undefined) return { missing: 'The Compose plugin of docker is missing.', advice };
  if (isOlder(compose, OLDEST_COMPOSE)) return { missing: `Compose ${compose} is too old.`, advice };
  const needed = isOlder(
    compose,
    buildx === undefined ? FIRST_COMPOSE_WITHOUT_BUILDKIT : FIRST_COMPOSE_STRICT_ON_BUILDX,
  )
    ? undefined
    : OLDEST_BUILDX;
  if (needed === undefined || (buildx !== undefined && !isOlder(buildx, needed))) return undefined;
  const what =
    buildx === undefined ? 'The buildx plugin of docker is missing' : `buildx ${buildx.replace(/^v/, '')} is too old`;
  return {
    missing: `${what}, and Compose ${compose} needs it to build the images of the stack.`,
    advice: `Install buildx ${oldestBuildx} or later: ${INSTALL_BUILDX}.`,
  };
}

/** Whether a version like `v2.40.3-desktop.1` is older; one without numbers, built from source, is not. */
function isOlder(version: string, than: Version): boolean {
  const numbers = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(version)?.slice(1);
  if (!numbers) return false;
  const differences = than.map((wanted, place) => Number(numbers[place] ?? 0) - wanted);
  return (differences.find(difference => difference !== 0) ?? 0) < 0;
}

function unreachableFrom({ id }: OwnContainer): NoEngine {
  return {
    missing: `This command runs in the container ${id.slice(0, 12)}, which has no network to reach other containers by.`,
    advice: 'Start that container with a network (docker run --network bridge).',
  };
}

function remoteEngine(host: string): NoEngine {
  return {
    missing: `docker uses the engine at ${host}, and Loadline needs one that it reaches by a socket of this machine (unix://…).`,
    advice: `Run Loadline on the machine of that engine, or use one of this machine: unset DOCKER_HOST; docker context use default. If there is none, install it: ${INSTALL_ENGINE}.`,
  };
}

/** `isBehind`: Docker's own command talks to Podman's socket. */
function podman(version: string, isBehind = false): NoEngine {
  return {
    missing: `${isBehind ? 'docker is connected to' : 'The command docker is'} Podman${version}, and Loadline needs Docker Engine for containers.`,
    advice: isBehind
      ? `Connect it to Docker Engine: unset DOCKER_HOST; docker context use default. If there is none, install it: ${INSTALL_ENGINE}.`
      : `Remove the package podman-docker, or the alias, then install Docker Engine: ${INSTALL_ENGINE}.`,
  };
}

function unreadableAnswer(text: string): NoEngine {
  return {
    missing: `docker info --format '{{json .}}' must answer an object in JSON, and answered: ${text}`,
    advice: `Run that command yourself. If its answer is the same, see which docker it is (type -a docker), and install Docker Engine again: ${INSTALL_ENGINE}.`,
  };
}

function explainFailure({ what, advice }: EngineFailure): NoEngine {
  return { missing: `${what}.`, advice: `${advice}.` };
}

/** `undefined` for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
