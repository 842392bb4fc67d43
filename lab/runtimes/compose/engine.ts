import { z } from 'zod';
import type { Seconds } from '../../../model/quantities.ts';
import { DockerFailure, docker, EngineFailure, engineSilent, INSTALL_ENGINE, ifRefused } from './docker.ts';
import { findOwnContainer, type OwnContainer } from './own-container.ts';

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

/** Why no engine here can run the stack. Both are whole sentences. */
export interface NoEngine {
  /** What was found. */
  readonly missing: string;
  /** What to do to have one. */
  readonly advice: string;
}

type Version = readonly [major: number, minor: number, patch: number];

const LIMIT: Seconds = 10;
const CHARACTERS_SHOWN = 80;
const INSTALL_COMPOSE = 'https://docs.docker.com/compose/install';
const INSTALL_BUILDX = 'https://github.com/docker/buildx#installing';
/** `depends_on` with `required` came with 2.20; older than this was never tried. */
const OLDEST_COMPOSE: Version = [2, 22, 0];
/** The first Compose that refuses to build with an older buildx, or calls it with an option that it does not know. */
const FIRST_COMPOSE_STRICT_ON_BUILDX: Version = [2, 40, 1];
/** The first Compose without a BuildKit of its own. */
const FIRST_COMPOSE_WITHOUT_BUILDKIT: Version = [5, 0, 0];
/** The oldest buildx that Compose builds with. */
const OLDEST_BUILDX: Version = [0, 17, 0];

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

/** Finds the engine that the `docker` on PATH talks to. */
export async function findEngine(signal?: AbortSignal): Promise<Engine | NoEngine> {
  const options = { limit: LIMIT, ...(signal && { signal }) };
  try {
    const host = await engineHost(signal);
    if (host !== undefined && !host.startsWith('unix://')) return remoteEngine(host);
    const [info, server] = await Promise.all([
      docker(['info', '--format', '{{json .}}'], options),
      docker(['version', '--format', '{{json .Server}}'], options).catch(ifRefused),
    ]);
    const answer = parseJson(info);
    if (answer === undefined) return unreadableAnswer(info.trim().slice(0, CHARACTERS_SHOWN));
    const engine = readEngine(answer, parseJson(server ?? ''));
    return isThere(engine) ? await withOwnContainer(engine, signal) : engine;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof EngineFailure) return reasonOf(error);
    if (!(error instanceof DockerFailure)) throw error;
    return /\bpodman\b/i.test(error.said) ? podman('') : silentEngine(error.said);
  }
}

/** Tells an engine from the lack of one. */
export function isThere(engine: Engine | NoEngine): engine is Engine {
  return !('missing' in engine);
}

/** The address of the engine, such as `unix:///var/run/docker.sock`; `undefined` where `docker` knows no contexts. */
export async function engineHost(signal?: AbortSignal): Promise<string | undefined> {
  const inspect = ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'];
  return (await docker(inspect, { limit: LIMIT, ...(signal && { signal }) }).catch(ifRefused))?.trim();
}

async function withOwnContainer(engine: Engine, signal?: AbortSignal): Promise<Engine | NoEngine> {
  const ownContainer = await findOwnContainer(signal);
  if (ownContainer?.network !== 'none') return { ...engine, ...(ownContainer && { ownContainer }) };
  return {
    missing: `This command runs in the container ${ownContainer.id.slice(0, 12)}, which has no network to reach other containers by.`,
    advice: 'Start that container with a network (docker run --network bridge).',
  };
}

/** `info` and `server` are what `docker info` and `docker version` answered. */
function readEngine(info: unknown, server: unknown): Engine | NoEngine {
  const itself = podmanSchema.safeParse(info);
  if (itself.success) return podman(` ${itself.data.version.Version}`);
  const components = serverSchema.safeParse(server).data?.Components ?? [];
  const behind = components.find(({ Name }) => Name === 'Podman Engine');
  if (behind) return podman(` ${behind.Version}`, true);
  const refusal = refusalSchema.safeParse(info);
  if (refusal.success) return silentEngine(refusal.data.ServerErrors[0]);
  const answer = infoSchema.safeParse(info);
  if (!answer.success) return silentEngine('docker info shows no server version');
  const { ServerVersion, NCPU, OperatingSystem, KernelVersion, CgroupVersion, ClientInfo } = answer.data;
  const plugins = new Map((ClientInfo?.Plugins ?? []).filter(({ Err }) => !Err).map(one => [one.Name, one.Version]));
  const composeVersion = plugins.get('compose');
  if (composeVersion === undefined)
    return {
      missing: 'The Compose plugin of docker is missing.',
      advice: `Install Compose ${OLDEST_COMPOSE.slice(0, 2).join('.')} or later: ${INSTALL_COMPOSE}.`,
    };
  return (
    outdatedPlugin(composeVersion, plugins.get('buildx')) ?? {
      version: ServerVersion,
      composeVersion,
      cpus: NCPU,
      system: OperatingSystem,
      kernel: KernelVersion,
      cgroupVersion: CgroupVersion,
    }
  );
}

/** Why this Compose, with this buildx, cannot build and start the stack. */
function outdatedPlugin(compose: string, buildx: string | undefined): NoEngine | undefined {
  const oldest = OLDEST_BUILDX.slice(0, 2).join('.');
  if (isOlder(compose, OLDEST_COMPOSE)) {
    const needed = OLDEST_COMPOSE.slice(0, 2).join('.');
    return {
      missing: `Compose ${compose} is too old: Loadline needs ${needed} or later.`,
      advice: `Update Compose: ${INSTALL_COMPOSE}.`,
    };
  }
  if (buildx === undefined) {
    if (isOlder(compose, FIRST_COMPOSE_WITHOUT_BUILDKIT)) return undefined;
    return {
      missing: `The buildx plugin of docker is missing, and Compose ${compose} needs it to build the images of the stack.`,
      advice: `Install buildx ${oldest} or later: ${INSTALL_BUILDX}.`,
    };
  }
  if (isOlder(compose, FIRST_COMPOSE_STRICT_ON_BUILDX) || !isOlder(buildx, OLDEST_BUILDX)) return undefined;
  return {
    missing: `buildx ${buildx.replace(/^v/, '')} is too old: Compose ${compose} needs ${oldest} or later to build the images of the stack.`,
    advice: `Update buildx: ${INSTALL_BUILDX}.`,
  };
}

/** Whether a version like `v2.40.3-desktop.1` is older; one without numbers, built from source, is not. */
function isOlder(version: string, than: Version): boolean {
  const numbers = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(version)?.slice(1);
  if (!numbers) return false;
  const differences = than.map((wanted, place) => Number(numbers[place] ?? 0) - wanted);
  return (differences.find(difference => difference !== 0) ?? 0) < 0;
}

function remoteEngine(host: string): NoEngine {
  return {
    missing: `docker uses the engine at ${host}, and Loadline needs one that it reaches by a socket of this machine (unix://…).`,
    advice: `Run Loadline on the machine of that engine, or use one of this machine: unset DOCKER_HOST; docker context use default. If there is none, install it: ${INSTALL_ENGINE}.`,
  };
}

/** `behind`: Docker's own command talks to Podman's socket. */
function podman(version: string, behind = false): NoEngine {
  const is = behind ? 'docker is connected to' : 'The command docker is';
  return {
    missing: `${is} Podman${version}, and Loadline needs Docker Engine for containers.`,
    advice: !behind
      ? `Remove the package podman-docker, or the alias, then install Docker Engine: ${INSTALL_ENGINE}.`
      : `Connect it to Docker Engine: unset DOCKER_HOST; docker context use default. If there is none, install it: ${INSTALL_ENGINE}.`,
  };
}

function unreadableAnswer(text: string): NoEngine {
  return {
    missing: `docker info --format '{{json .}}' must answer an object in JSON, and answered: ${text}`,
    advice: `Run that command yourself. If its answer is the same, see which docker it is (type -a docker), and install Docker Engine anew: ${INSTALL_ENGINE}.`,
  };
}

function silentEngine(reason: string): NoEngine {
  return reasonOf(engineSilent(reason));
}

function reasonOf({ what, advice }: EngineFailure): NoEngine {
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
