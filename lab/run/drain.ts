import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'undici';
import { LoadlineError } from '../../model/errors.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { WeightedRequest } from '../../model/wire.ts';
import type { Observer, Snapshot } from './observation.ts';
import { MOST_IDLE_CPUS } from './validity.ts';

const LOOK_EVERY_MS = 100;
/** Probes in a row that each address of a hidden deployment must answer in time. */
const PROBES = 3;
/** In time: within this many times the response time at light load, or a pause of the lab itself. */
const IN_TIME = 2;
const SURELY_IN_TIME: Seconds = 0.01;
/** A probe without an answer is given up after this time. */
const LONGEST_PROBE: Seconds = 10;

/** How to see whether a hidden deployment is idle. */
export interface IdleCheck {
  /** One for each worker; workers that share a port have the same one. */
  readonly addresses: readonly string[];
  readonly request: Omit<WeightedRequest, 'weight'>;
  /** Its response time at light load. */
  readonly responseTime: Seconds;
}

/**
 * Waits until the workers of a deployment have nothing left to do; throws `not-drained` after `limit`.
 *
 * A blocked worker cannot see what waits in its socket: between two looks it must have nothing in progress, complete
 * nothing and be idle for most of the time. A hidden deployment must use next to no CPU time between two looks and no
 * database connection, if that can be seen, and answer probes in time.
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
        `The workers were still busy ${limit} s after the load had ended: the rest would add to the next load.`,
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

/** Probes may all reach one worker: CPU time shows what the others still compute. */
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
 * Sends a probe over a connection of its own, as a kept one leads to the same worker again. Waits for a late answer too:
 * a probe that is given up would stay in the queue.
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

/** A request for undici, without its address. */
export function requestOptions({ method, body }: Pick<WeightedRequest, 'method' | 'body'>) {
  return { method, body: body ?? null, headers: body === undefined ? {} : { 'content-type': 'application/json' } };
}
