import { z } from 'zod';
import { type ContainerLimits, type Containers, limitedContainers } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import type { Place } from '../../probe/probe.ts';
import { DockerFailure, docker, splitLines } from './docker.ts';

/** A container, as its engine knows it. */
export interface Container {
  readonly id: string;
  /** Of its first process, as the engine's machine counts them. */
  readonly pid: number;
  /** The service of the project that it runs. */
  readonly service: string;
  /** The id of its image. */
  readonly image: string;
  /** Where its ports are published on this machine. */
  readonly published: ReadonlyMap<number, number>;
  /** As `docker-compose.yml` has them; 0 or empty: none. */
  readonly limits: z.infer<typeof hostConfigSchema>;
}

/** Sets the limits of running containers, by what they serve; what is absent is set as the container began. */
type ApplyLimits = (limits: Containers, containers: Readonly<Record<keyof Containers, Container>>) => Promise<void>;

const hostConfigSchema = z.object({
  NanoCpus: z.number(),
  CpusetCpus: z.string(),
  Memory: z.number(),
  MemorySwap: z.number(),
});
const containersSchema = z.array(
  z.object({
    Id: z.string(),
    Image: z.string(),
    State: z.object({ Pid: z.number() }),
    Config: z.object({ Labels: z.record(z.string(), z.string()) }),
    NetworkSettings: z.object({
      Ports: z.record(z.string(), z.array(z.object({ HostPort: z.string() })).nullable()).nullish(),
    }),
    HostConfig: hostConfigSchema,
  }),
);

/** Where a probe finds it. */
export function placeOf({ id, pid }: Container): Extract<Place, { container: string }> {
  return { container: id, pid };
}

/** The running containers of a Compose project. */
export async function listContainers(project: string, signal: AbortSignal): Promise<Container[]> {
  const filter = `label=com.docker.compose.project=${project}`;
  return inspectContainers(splitLines(await docker(['ps', '--quiet', '--filter', filter], { signal })), signal);
}

/** The container that runs a service of the project. */
export function findContainer(service: string, containers: readonly Container[]): Container {
  const container = containers.find(one => one.service === service);
  if (container) return container;
  const message = `The container of ${service} does not run; docker ps --all shows whether it ended.`;
  throw new LoadlineError('containers-failed', message);
}

/** These containers, by their ids or names. */
export async function inspectContainers(ids: readonly string[], signal?: AbortSignal): Promise<Container[]> {
  const answer = await docker(['inspect', '--type', 'container', ...ids], { signal });
  return containersSchema
    .parse(JSON.parse(answer))
    .map(({ Id, Image, State, Config, NetworkSettings, HostConfig }) => ({
      id: Id,
      pid: State.Pid,
      service: Config.Labels['com.docker.compose.service'] ?? '',
      image: Image,
      published: new Map(
        Object.entries(NetworkSettings.Ports ?? {}).flatMap(([port, bindings]) =>
          (bindings ?? []).map(({ HostPort }) => [Number.parseInt(port, 10), Number(HostPort)] as const),
        ),
      ),
      limits: HostConfig,
    }));
}

/** Limits containers while they run, since one nginx and one Postgres serve deployments with different limits. */
export async function limitContainers(signal: AbortSignal): Promise<ApplyLimits> {
  const info = await docker(['info', '--format', '{{.NCPU}} {{.MemTotal}}'], { signal });
  const [cpus = 1, memory = 0] = info.trim().split(' ').map(Number);
  const applied = new Map<string, string>();
  /** Options of `docker update`, which cannot remove a limit: no limit is all that the machine has. */
  const optionsFor = (limits: ContainerLimits, own: Container['limits']) => {
    const bytes = limits.memory ?? (own.Memory || memory);
    // By default an engine allows as much swap as memory.
    const withSwap = limits.memory === undefined && own.MemorySwap !== 0 ? own.MemorySwap : 2 * bytes;
    return [
      `--cpus=${limits.cpus ?? (own.NanoCpus / 1e9 || cpus)}`,
      `--cpuset-cpus=${limits.cpuset ?? (own.CpusetCpus || `0-${cpus - 1}`)}`,
      `--memory=${bytes}`,
      `--memory-swap=${withSwap}`,
    ];
  };
  return async (limits, containers) => {
    for (const name of limitedContainers) {
      const { id, limits: own } = containers[name];
      const options = optionsFor(limits[name] ?? {}, own);
      if (options.join() === (applied.get(id) ?? optionsFor({}, own).join())) continue;
      await docker(['update', ...options, id]).catch(cause => {
        if (!(cause instanceof DockerFailure)) throw cause;
        const message = `The limits of the container of ${name} could not be set; choose others (containers.${name} of the experiment): ${cause.said}`;
        throw new LoadlineError('containers-failed', message, { cause });
      });
      applied.set(id, options.join());
    }
  };
}
