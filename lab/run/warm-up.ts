import { Pool } from 'undici';
import { LoadlineError } from '../../model/errors.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { WeightedRequest } from '../../model/wire.ts';
import { requestOptions } from './drain.ts';
import type { Observer } from './observation.ts';

const CONNECTIONS = 8;
/** Requests without work for each of the workload's, which warm up quickly what every request passes through. */
const PLAIN_REQUESTS = 15;
/** Long enough for CPU time that Linux counts in hundredths of a second. */
const BATCH: Seconds = 0.4;
/** The workers' CPU per request has settled when a batch improves it by less than this fraction. */
const SETTLED = 0.1;
const MOST_BATCHES = 3;
/** For a hidden deployment: its workload alone, whose requests are slower and fewer. */
const HIDDEN = { batch: 1, most: 10 } as const;

/** Sends batches of requests until the workers' CPU per request has settled; returns it for each batch, in seconds. */
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

/** Whether the last batch was no clear improvement on the one before. */
export function hasSettled(perRequest: readonly Seconds[]): boolean {
  const [before, last] = perRequest.slice(-2);
  return before !== undefined && last !== undefined && last >= before * (1 - SETTLED);
}

/** Sends for the length of a batch, and returns the number of requests. */
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
          `During warm-up, ${method} ${path} was answered with status ${answer.statusCode}; see the workers' logs.`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return sent;
}
