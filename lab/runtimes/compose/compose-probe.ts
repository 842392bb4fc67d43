import { createInterface } from 'node:readline';
import { type Dispatcher, Pool } from 'undici';
import { z } from 'zod';
import { LoadlineError } from '../../../model/errors.ts';
import type { Seconds } from '../../../model/quantities.ts';
import { MachineProbe, type Place, type Probe, type Usage } from '../../probe/probe.ts';
import { COUNT_SESSIONS, type SessionsReader } from '../../probe/sessions.ts';
import { endGroup } from '../child-process.ts';
import { EngineFailure, spawnDocker } from './docker.ts';

/** A shell's words for psql in the database's container, with bare answers. Postgres was given the password in that file. */
export const PSQL =
  'PGPASSWORD=$(cat "$POSTGRES_PASSWORD_FILE") exec psql --username="$POSTGRES_USER" --quiet --no-align --tuples-only';

const ANSWER_LIMIT: Seconds = 1;
const ENGINE_LIMIT_MS = 5000;
/** The needed part of `GET /containers/<id>/stats`; `usage` is absent once the container has ended. */
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

/**
 * Reads a stack of containers: its control threads and machine through `inside`, a probe in nginx's network that the
 * caller closes; what containers use from the kernel's files, or from the engine where its kernel is another.
 */
export function composeProbe(inside: Probe, engine: Dispatcher, sessions: SessionsReader): Probe {
  const here = new MachineProbe(sessions);
  return {
    async sample({ controls, machine, ...outside }) {
      const isInside = controls !== undefined || machine === true;
      const query = { ...(controls && { controls }), ...(machine && { machine }) };
      const told = isInside ? await inside.sample(query) : undefined;
      const sample = await here.sample(outside);
      const unread = Object.entries(outside.usage ?? {}).filter(([name]) => sample.usage?.[name] === undefined);
      if (unread.length === 0) return { ...told, ...sample };
      return {
        ...told,
        ...sample,
        usage: { ...sample.usage, ...(await readUsages(engine, Object.fromEntries(unread))) },
      };
    },
    async close() {
      await here.close();
      await engine.destroy();
    },
  };
}

/** The API of the engine at `host`, which must be a socket of this machine. */
export function engineApi(host = 'unix:///var/run/docker.sock'): Dispatcher {
  if (host.startsWith('unix://')) {
    const limits = { connections: 8, headersTimeout: ENGINE_LIMIT_MS, bodyTimeout: ENGINE_LIMIT_MS };
    return new Pool('http://engine', { ...limits, socketPath: host.slice('unix://'.length) });
  }
  throw new LoadlineError(
    'engine-missing',
    `The Docker Engine at ${host} cannot be asked what its containers use: that takes a socket of this machine (unix://…). Choose a context with one (docker context ls), or measure without: --runtime local`,
  );
}

/** What containers use, by name; without those that have ended. */
export async function readUsages(
  engine: Dispatcher,
  places: Readonly<Record<string, Place>>,
): Promise<Record<string, Usage>> {
  const found = await Promise.all(
    Object.entries(places).map(async ([name, place]) => [name, await readUsage(engine, place)] as const),
  );
  return Object.fromEntries(found.flatMap(([name, usage]) => (usage === undefined ? [] : [[name, usage]])));
}

async function readUsage(engine: Dispatcher, place: Place): Promise<Usage | undefined> {
  if (!('container' in place)) throw new RangeError('an engine knows containers only');
  const path = `/containers/${place.container}/stats?stream=false&one-shot=true`;
  const { statusCode, body } = await engine.request({ method: 'GET', path });
  const answer = await body.text();
  // For a container that is being removed the engine answers 200 and nothing.
  if (statusCode === 404 || answer === '') return undefined;
  if (statusCode !== 200) {
    throw new EngineFailure(`does not tell what a container uses (${statusCode} ${answer.trim()})`);
  }
  const { cpu_stats, memory_stats } = statsSchema.parse(JSON.parse(answer));
  const { usage, stats = {} } = memory_stats;
  if (usage === undefined) return undefined;
  const throttled = cpu_stats.throttling_data?.throttled_time;
  return {
    cpu: cpu_stats.cpu_usage.total_usage / 1e9,
    memory: Math.max(0, usage - (stats.total_inactive_file ?? stats.inactive_file ?? 0)),
    throttled: throttled === undefined ? null : throttled / 1e9,
  };
}

/**
 * Counts connections through psql inside the database's container, whose network is closed to this machine. One psql
 * serves all questions; when it fails once, no more are asked.
 */
export function sessionsInContainer(id: string): SessionsReader {
  let isOver = false;
  let psql: ReturnType<typeof spawnDocker> | undefined;
  let answer: (line?: string) => void = () => undefined;
  const start = () => {
    const started = spawnDocker(['exec', '--interactive', id, 'sh', '-c', PSQL]);
    createInterface({ input: started.stdout })
      .on('line', line => answer(line))
      .on('close', () => answer());
    started.stderr.resume();
    // It does not answer when it has ended or could not start.
    for (const end of [started, started.stdin]) end.on('error', () => answer());
    return started;
  };
  return {
    async byRole() {
      if (isOver) return null;
      psql ??= start();
      const { promise, resolve } = Promise.withResolvers<string | undefined>();
      answer = resolve;
      const late = setTimeout(resolve, ANSWER_LIMIT * 1000);
      psql.stdin.write(`${COUNT_SESSIONS.replaceAll('\n', ' ')};\n`);
      const line = await promise;
      clearTimeout(late);
      if (line?.startsWith('{')) return JSON.parse(line);
      isOver = true;
      return null;
    },
    async close() {
      isOver = true;
      if (psql === undefined) return;
      // psql ends with its input, also where no signal reaches it.
      psql.stdin.end();
      await endGroup(psql);
    },
  };
}
