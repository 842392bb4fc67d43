import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { LoadlineError } from '../../model/errors.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { WeightedRequest } from '../../model/wire.ts';
import type { Observer, Reading } from './observer.ts';
import { requestOptions } from './request-options.ts';

const LOOK_EVERY_MS = 100;
/** A hidden deployment has drained when so many probes in a row were answered in time at each of its endpoints. */
const PROBES = 3;
/** Times the response time at light load. */
const IN_TIME = 2;
/** A probe that is answered sooner is in time: below that a pause of the lab itself decides. */
const SURELY_IN_TIME: Seconds = 0.01;

/** A probe that is not answered by then is given up. */
const LONGEST_PROBE: Seconds = 10;

/** How a hidden deployment is asked whether it is idle. */
export interface Probing {
  /** Addresses of all that nginx balances over, or of nginx alone where the rest cannot be reached. */
  readonly endpoints: readonly string[];
  readonly request: Omit<WeightedRequest, 'weight'>;
  /** Its response time at light load. */
  readonly responseTime: Seconds;
}

/**
 * Waits until the workers of a deployment have nothing left to do; throws `not-drained` when that takes longer than `limit`.
 *
 * A blocked worker cannot see what waits in its socket, so "nothing in progress" is not enough: between two looks it
 * must have completed nothing and have been idle for most of the time, which a worker with a queue never is. Workers of
 * a hidden deployment do not tell: the database must have no statement of theirs, and probes must be answered in time.
 */
export async function drain(observer: Observer, limit: Seconds, signal: AbortSignal, probing?: Probing): Promise<void> {
  let before = await observer.read();
  const end = before.time + limit;
  for (;;) {
    await delay(LOOK_EVERY_MS, undefined, { signal });
    const after = await observer.read();
    if (probing ? await seemsIdle(observer, probing, signal) : isIdle(before, after)) return;
    if (after.time > end) {
      throw new LoadlineError(
        'not-drained',
        `The workers were still at work ${limit} s after the load had ended: what is left would add to the next load.`,
      );
    }
    before = after;
  }
}

function isIdle(before: Reading, after: Reading): boolean {
  const elapsed = after.time - before.time;
  return (after.workers ?? []).every((worker, index) => {
    const earlier = before.workers?.[index];
    return (
      earlier !== undefined &&
      worker.inProgress === 0 &&
      worker.completed === earlier.completed &&
      worker.busy - earlier.busy < elapsed / 2
    );
  });
}

/** One probe after the other: two at once would wait for each other. */
async function seemsIdle(observer: Observer, probing: Probing, signal: AbortSignal): Promise<boolean> {
  if (((await observer.activeBackends()) ?? 0) > 0) return false;
  const limit = Math.max(SURELY_IN_TIME, IN_TIME * probing.responseTime);
  for (const endpoint of probing.endpoints) {
    for (let probe = 0; probe < PROBES; probe++) {
      if (!(await isAnsweredWithin(limit, endpoint, probing.request, signal))) return false;
    }
  }
  return true;
}

/** A probe that comes too late is waited for all the same: given up, it would be one request more in the queue. */
async function isAnsweredWithin(
  limit: Seconds,
  endpoint: string,
  probe: Probing['request'],
  signal: AbortSignal,
): Promise<boolean> {
  const given = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_PROBE * 1000)]);
  const began = performance.now();
  try {
    const answer = await request(`${endpoint}${probe.path}`, { ...requestOptions(probe), signal: given });
    await answer.body.dump();
  } catch {
    signal.throwIfAborted();
    return false;
  }
  return performance.now() - began <= limit * 1000;
}
