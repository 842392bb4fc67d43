import { type Dispatcher, Pool } from 'undici';
import { z } from 'zod';
import { LoadlineError } from '../../../model/errors.ts';
import { type ContainerFigures, cgroupOf, readCgroup } from '../../probe/cgroups.ts';
import type { Container } from './containers.ts';
import { engineFailed } from './docker.ts';
import { engineHost } from './engine.ts';

/** Reads what containers use and hold. */
export interface FiguresReader {
  /** From the kernel's files, or from the engine where this machine has no such files. */
  readonly source: 'cgroup files' | 'engine API';
  /** Nothing of a container that has ended. */
  read(container: Container): Promise<ContainerFigures | undefined>;
  close(): Promise<void>;
}

/** The best reader for these containers: files if all of them can be read here, which takes less time than asking. */
export async function figuresReader(containers: readonly Container[]): Promise<FiguresReader> {
  const here = containers.every(container => readHere(container) !== undefined);
  return here ? fromFiles : fromEngine(await engineApi());
}

const fromFiles: FiguresReader = {
  source: 'cgroup files',
  read: async container => readHere(container),
  close: async () => undefined,
};

function readHere({ id, pid }: Container): ContainerFigures | undefined {
  const cgroup = cgroupOf(id, pid);
  return cgroup && readCgroup(cgroup);
}

/** A reader that asks the engine's API. */
export function fromEngine(api: Dispatcher): FiguresReader {
  return {
    source: 'engine API',
    async read({ id }) {
      const path = `/containers/${id}/stats?stream=false&one-shot=true`;
      const { statusCode, body } = await api.request({ method: 'GET', path });
      const answer = await body.text();
      // Of one that is being removed the engine answers 200 and nothing.
      if (statusCode === 404 || answer === '') return undefined;
      if (statusCode !== 200)
        throw engineFailed(`does not tell what a container uses (${statusCode} ${answer.trim()})`);
      return figuresFromEngine(JSON.parse(answer));
    },
    close: () => api.destroy(),
  };
}

/** The API of the engine that `docker` talks to. */
export async function engineApi(): Promise<Dispatcher> {
  return apiAt((await engineHost()) ?? 'unix:///var/run/docker.sock');
}

/** The API of the engine at `unix://…`: it must be one of this machine, as clients of its containers are here too. */
export function apiAt(host: string): Dispatcher {
  const options = { connections: 8, headersTimeout: 5000, bodyTimeout: 5000 };
  if (host.startsWith('unix://'))
    return new Pool('http://engine', { ...options, socketPath: host.slice('unix://'.length) });
  throw new LoadlineError(
    'engine-missing',
    `The Docker Engine at ${host} cannot be asked what its containers use: that takes a socket of this machine (unix://…). Choose a context with one (docker context ls), or measure without: --runtime local`,
  );
}

/** The part of `GET /containers/<id>/stats` that is needed; its memory is empty once the container has ended. */
const statsSchema = z.object({
  cpu_stats: z.object({
    cpu_usage: z.object({ total_usage: z.number() }),
    throttling_data: z.object({ throttled_time: z.number() }).optional(),
  }),
  memory_stats: z.object({
    usage: z.number().optional(),
    /** Of control groups of version 1 the first, of version 2 the second. */
    stats: z.object({ total_inactive_file: z.number().optional(), inactive_file: z.number().optional() }).optional(),
  }),
});

/** A container's figures as its engine tells them; `undefined` when it does not run. */
export function figuresFromEngine(answer: unknown): ContainerFigures | undefined {
  const { cpu_stats, memory_stats } = statsSchema.parse(answer);
  const { usage, stats = {} } = memory_stats;
  if (usage === undefined) return undefined;
  const unused = stats.total_inactive_file ?? stats.inactive_file ?? 0;
  const { cpu_usage, throttling_data } = cpu_stats;
  return {
    cpu: cpu_usage.total_usage / 1e9,
    memory: Math.max(0, usage - unused),
    throttled: throttling_data === undefined ? null : throttling_data.throttled_time / 1e9,
  };
}
