import { type Dispatcher, Pool } from 'undici';
import { z } from 'zod';
import { LoadlineError } from '../../../model/errors.ts';
import type { Place, Probe, ProbeQuery, ProbeSample, Usage } from '../../probe/probe.ts';
import { engineFailed } from './docker.ts';
import { engineHost } from './engine.ts';

/** Asks an engine's API what containers use, and leaves the rest of a query to a probe of this machine. */
export class EngineProbe implements Probe {
  readonly #api: Dispatcher;
  readonly #machine: Probe;

  constructor(api: Dispatcher, machine: Probe) {
    this.#api = api;
    this.#machine = machine;
  }

  async sample({ usage, ...rest }: ProbeQuery): Promise<ProbeSample> {
    const sample = await this.#machine.sample(rest);
    return usage === undefined ? sample : { ...sample, usage: await this.#usagesAt(usage) };
  }

  async close(): Promise<void> {
    await this.#machine.close();
    await this.#api.destroy();
  }

  async #usagesAt(places: Readonly<Record<string, Place>>): Promise<Record<string, Usage>> {
    const found = await Promise.all(
      Object.entries(places).map(async ([name, place]) => [name, await this.#usageAt(place)] as const),
    );
    return Object.fromEntries(found.flatMap(([name, usage]) => (usage === undefined ? [] : [[name, usage]])));
  }

  /** Nothing of a container that has ended. */
  async #usageAt(place: Place): Promise<Usage | undefined> {
    if (!('container' in place)) throw new RangeError('an engine knows containers only');
    const path = `/containers/${place.container}/stats?stream=false&one-shot=true`;
    const { statusCode, body } = await this.#api.request({ method: 'GET', path });
    const answer = await body.text();
    // Of one that is being removed the engine answers 200 and nothing.
    if (statusCode === 404 || answer === '') return undefined;
    if (statusCode !== 200) throw engineFailed(`does not tell what a container uses (${statusCode} ${answer.trim()})`);
    return usageFromEngine(JSON.parse(answer));
  }
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

/** What a container uses, as its engine tells it; `undefined` when it does not run. */
export function usageFromEngine(answer: unknown): Usage | undefined {
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
