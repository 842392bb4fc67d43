import { Pool } from 'undici';
import type { WeightedRequest } from '../../loadtests/lib/orders.ts';
import type { Seconds } from '../experiment/units.ts';
import type { Observer } from './observer.ts';

const CONNECTIONS = 8;
/** Requests without work in a batch: they warm what every request passes through, as fast as it goes. */
const PLAIN_REQUESTS = 600;
/** Requests of the workload in a batch, each of them in turn. */
const OWN_REQUESTS = 40;
/** Between batches the workers' CPU per request settles to within this fraction. */
const SETTLED = 0.1;
const MOST_BATCHES = 8;

/**
 * Sends batches of requests until the workers' CPU per request has settled, so that no measurement sees a compiler at
 * work. Gives the CPU seconds per request of each batch.
 */
export async function warmUp(
  target: string,
  requests: readonly WeightedRequest[],
  observer: Observer,
  signal: AbortSignal,
): Promise<Seconds[]> {
  const plain: WeightedRequest = { weight: 1, method: 'GET', path: '/plain' };
  const batch = [
    ...Array.from({ length: PLAIN_REQUESTS }, () => plain),
    ...Array.from({ length: OWN_REQUESTS }, (_, index) => requests[index % requests.length] ?? plain),
  ];
  const pool = new Pool(target, { connections: CONNECTIONS });
  const perRequest: Seconds[] = [];
  try {
    while (perRequest.length < MOST_BATCHES && !hasSettled(perRequest)) {
      const before = await observer.read();
      await sendAll(batch, pool, signal);
      const after = await observer.read();
      perRequest.push((after.cpu.workers - before.cpu.workers) / batch.length);
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

async function sendAll(batch: readonly WeightedRequest[], pool: Pool, signal: AbortSignal): Promise<void> {
  const left = batch.values();
  const connection = async () => {
    for (const { method, path, body } of left) {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await pool.request({ method, path, body: body ?? null, headers, signal });
      await answer.body.dump();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
}
