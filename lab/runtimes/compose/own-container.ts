import { z } from 'zod';
import { LoadlineError } from '../../../model/errors.ts';
import { type ReadText, readText } from '../../../services/cpus.ts';
import { DockerFailure, docker, ifRefused } from './docker.ts';

/** The container that this command runs in, as a CI job with the engine's socket mounted. */
export interface OwnContainer {
  readonly id: string;
  /** The first of its networks; `host`: that of the machine; `none`: it has none. */
  readonly network: string;
}

const inspectedSchema = z.tuple([
  z.object({
    HostConfig: z.object({ NetworkMode: z.string() }),
    NetworkSettings: z.object({ Networks: z.record(z.string(), z.object({ IPAddress: z.string() })) }),
  }),
]);
type Inspected = z.infer<typeof inspectedSchema>[0];

/** Finds the container that this command runs in; `undefined` where there is none, or another engine has it. */
export async function findOwnContainer(signal?: AbortSignal, read?: ReadText): Promise<OwnContainer | undefined> {
  const id = ownContainerId(read);
  const inspected = id === undefined ? undefined : await inspect(id, signal);
  if (id === undefined || inspected === undefined) return undefined;
  return { id, network: await networkOf(inspected, signal) };
}

/** The id of the container that this process runs in, whichever engine has it: Docker mounts its files over /etc. */
export function ownContainerId(read: ReadText = readText): string | undefined {
  return /\/containers\/([0-9a-f]{64})\/hostname \/etc\/hostname /.exec(read('/proc/self/mountinfo') ?? '')?.[1];
}

/**
 * Connects a container to a network and gives its address there. The network's own containers stay as they are, and
 * the connection goes with the container.
 */
export async function joinNetwork(container: string, network: string, signal: AbortSignal): Promise<string> {
  await docker(['network', 'connect', network, container], { signal }).catch((cause: unknown) => {
    if (!(cause instanceof DockerFailure)) throw cause;
    throw new LoadlineError(
      'engine-missing',
      `nginx cannot join the Docker network ${network} of the container that Loadline runs in (${cause.said.trim()}). Start that container on another network (docker run --network bridge).`,
      { cause },
    );
  });
  return (await inspect(container, signal))?.NetworkSettings.Networks[network]?.IPAddress ?? '';
}

async function inspect(id: string, signal?: AbortSignal): Promise<Inspected | undefined> {
  const answer = await docker(['inspect', '--type', 'container', id], signal && { signal }).catch(ifRefused);
  return answer === undefined ? undefined : inspectedSchema.parse(JSON.parse(answer))[0];
}

async function networkOf({ HostConfig, NetworkSettings }: Inspected, signal?: AbortSignal): Promise<string> {
  const [mode, other] = HostConfig.NetworkMode.split(':');
  if (mode === 'container' && other !== undefined) {
    const owner = await inspect(other, signal);
    return owner === undefined ? 'none' : networkOf(owner, signal);
  }
  return Object.keys(NetworkSettings.Networks)[0] ?? 'none';
}
