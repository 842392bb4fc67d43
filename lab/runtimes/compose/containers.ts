import { z } from 'zod';
import type { Place } from '../../probe/probe.ts';
import { docker, linesOf } from './docker.ts';

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
}

const containersSchema = z.array(
  z.object({
    Id: z.string(),
    Image: z.string(),
    State: z.object({ Pid: z.number() }),
    Config: z.object({ Labels: z.record(z.string(), z.string()) }),
    NetworkSettings: z.object({
      Ports: z.record(z.string(), z.array(z.object({ HostPort: z.string() })).nullable()).nullish(),
    }),
  }),
);

/** Where a probe finds it. */
export function placeOf({ id, pid }: Container): Extract<Place, { container: string }> {
  return { container: id, pid };
}

/** The containers of a Compose project that run. */
export async function containersOf(project: string, signal: AbortSignal): Promise<Container[]> {
  const filter = `label=com.docker.compose.project=${project}`;
  return inspect(linesOf(await docker(['ps', '--quiet', '--filter', filter], { signal })), signal);
}

/** These containers, by their ids or names. */
export async function inspect(ids: readonly string[], signal?: AbortSignal): Promise<Container[]> {
  const answer = await docker(['inspect', '--type', 'container', ...ids], signal ? { signal } : {});
  return containersSchema.parse(JSON.parse(answer)).map(({ Id, Image, State, Config, NetworkSettings }) => ({
    id: Id,
    pid: State.Pid,
    service: Config.Labels['com.docker.compose.service'] ?? '',
    image: Image,
    published: new Map(
      Object.entries(NetworkSettings.Ports ?? {}).flatMap(([port, bindings]) =>
        (bindings ?? []).map(({ HostPort }) => [Number.parseInt(port, 10), Number(HostPort)] as const),
      ),
    ),
  }));
}
