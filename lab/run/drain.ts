import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'undici';
import { LoadlineError } from '../../model/errors.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { WeightedRequest } from '../../model/wire.ts';
import type { Observer, Snapshot } from './observation.ts';
import { MOST_IDLE_CPUS } from './validity.ts';

const LOOK_EVERY_MS = 100;
/** A hidden deployment has drained when so many probes in a row were answered in time at each of its addresses. */
const PROBES = 3;
/** Times the response time at light load. */
const IN_TIME = 2;
/** A probe that is answered sooner is in time: below that a pause of the lab itself decides. */
const SURELY_IN_TIME: Seconds = 0.01;

/** A probe that is not answered by then is given up. */
const LONGEST_PROBE: Seconds = 10;

/** How to see whether a hidden deployment is idle. */
export interface IdleCheck {
  /** One for each worker: workers that share a port have the same one. */
  readonly addresses: readonly string[];
  readonly request: Omit<WeightedRequest, 'weight'>;
  /** Its response time at light load. */
  readonly responseTime: Seconds;
}

/**
 * Waits until the workers of a deployment have nothing left to do; throws `not-drained` when that takes longer than `limit`.
 *
 * A blocked worker cannot see what waits in its socket, so "nothing in progress" is not enough: between two looks it
 * must have completed nothing and have been idle for most of the time, which a worker with a queue never is. Workers of
 * a hidden deployment do not tell: their processes must have used next to no CPU time between two looks, none of
 * their database connections may be in use where that can be seen, and probes must be answered in time.
 */
export async function drain(
  observer: Observer,
  limit: Seconds,
  signal: AbortSignal,
  idleCheck?: IdleCheck,
): Promise<void> {
  let before = await observer.read();
  const end = before.time + limit;
  for (;;) {
    await delay(LOOK_EVERY_MS, undefined, { signal });
    const after = await observer.read();
    const isOver = idleCheck
      ? isWithoutWork(before, after) && (await answersAtOnce(observer, idleCheck, signal))
      : isIdle(before, after);
    if (isOver) return;
    if (after.time > end) {
      throw new LoadlineError(
        'not-drained',
        `The workers were still at work ${limit} s after the load had ended: what is left would add to the next load.`,
      );
    }
    before = after;
  }
}

function isIdle(before: Snapshot, after: Snapshot): boolean {
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

/** Probes may all reach one worker of several: what another one still computes shows in the CPU time of all. */
function isWithoutWork(before: Snapshot, after: Snapshot): boolean {
  return after.cpu.workers - before.cpu.workers <= MOST_IDLE_CPUS * (after.time - before.time);
}

/** One probe after the other: two at once would wait for each other. */
async function answersAtOnce(observer: Observer, idleCheck: IdleCheck, signal: AbortSignal): Promise<boolean> {
  const sessions = await observer.sessions();
  if (sessions !== null && sessions.inUse > 0) return false;
  const limit = Math.max(SURELY_IN_TIME, IN_TIME * idleCheck.responseTime);
  for (const address of idleCheck.addresses) {
    for (let probe = 0; probe < PROBES; probe++) {
      if (!(await isAnsweredWithin(limit, address, idleCheck.request, signal))) return false;
    }
  }
  return true;
}

/**
 * Each probe has a connection of its own, as a connection that is kept leads to the same worker again. A probe that comes
 * too late is waited for all the same: given up, it would be one request more in the queue.
 */
async function isAnsweredWithin(
  limit: Seconds,
  address: string,
  probe: IdleCheck['request'],
  signal: AbortSignal,
): Promise<boolean> {
  const given = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_PROBE * 1000)]);
  const began = performance.now();
  const connection = new Client(address);
  try {
    const answer = await connection.request({ path: probe.path, ...requestOptions(probe), signal: given });
    await answer.body.dump();
    return performance.now() - began <= limit * 1000;
  } catch {
    signal.throwIfAborted();
    return false;
  } finally {
    await connection.destroy();
  }
}

/** How undici is told to send a request, beside its address. */
export function requestOptions({ method, body }: Pick<WeightedRequest, 'method' | 'body'>) {
  return { method, body: body ?? null, headers: body === undefined ? {} : { 'content-type': 'application/json' } };
}
