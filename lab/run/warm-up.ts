import { Pool } from 'undici';
import { LoadlineError } from '../../model/errors.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { WeightedRequest } from '../../model/wire.ts';
import { requestOptions } from './drain.ts';
import type { Observer } from './observation.ts';

const CONNECTIONS = 8;
/** Requests without work for each of the workload's: they warm what every request passes through, as fast as it goes. */
const PLAIN_REQUESTS = 15;
/** Linux counts CPU time in hundredths of a second: far below what has to be told apart in a batch of this length. */
const BATCH: Seconds = 0.4;
/** Between batches the workers' CPU per request settles to within this fraction. */
const SETTLED = 0.1;
const MOST_BATCHES = 3;
/** A hidden deployment is warmed up by its workload alone, whose requests are slower and fewer. */
const HIDDEN = { batch: 1, most: 10 } as const;

/**
 * Sends batches of requests until the workers' CPU per request has settled, so that no measurement sees a compiler at
 * work. Gives the CPU seconds per request of each batch.
 */
export async function warmUp(
  target: string,
  requests: readonly WeightedRequest[],
  observer: Observer,
  { signal, hidden }: { readonly signal: AbortSignal; readonly hidden?: boolean | undefined },
): Promise<Seconds[]> {
  const plain: WeightedRequest = { weight: 1, method: 'GET', path: '/plain' };
  const { batch, most } = hidden ? HIDDEN : { batch: BATCH, most: MOST_BATCHES };
  const turn = hidden
    ? requests
    : requests.flatMap(request => [...Array.from({ length: PLAIN_REQUESTS }, () => plain), request]);
  const pool = new Pool(target, { connections: CONNECTIONS });
  const perRequest: Seconds[] = [];
  try {
    while (perRequest.length < most && !hasSettled(perRequest)) {
      const before = await observer.read();
      const sent = await sendInTurn(turn, batch, pool, signal);
      const after = await observer.read();
      perRequest.push((after.cpu.workers - before.cpu.workers) / sent);
    }
  } finally {
    await pool.destroy();
  }
  return perRequest;
}

/** Whether the last of these figures is no clear improvement on the one before. */
export function hasSettled(perRequest: readonly Seconds[]): boolean {
  const [before, last] = perRequest.slice(-2);
  return before !== undefined && last !== undefined && last >= before * (1 - SETTLED);
}

/** Sends for the length of a batch; how many requests that were. */
async function sendInTurn(
  turn: readonly WeightedRequest[],
  batch: Seconds,
  pool: Pool,
  signal: AbortSignal,
): Promise<number> {
  const end = performance.now() + batch * 1000;
  let sent = 0;
  const connection = async () => {
    while (performance.now() < end) {
      const request = turn[sent++ % turn.length];
      if (!request) return;
      const { method, path } = request;
      const answer = await pool.request({ path, ...requestOptions(request), signal });
      await answer.body.dump();
      if (answer.statusCode >= 400) {
        throw new LoadlineError(
          'workers-failed',
          `While it was warmed up, ${method} ${path} was answered with status ${answer.statusCode}; see the workers' logs.`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return sent;
}
