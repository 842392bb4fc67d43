import { setTimeout as delay } from 'node:timers/promises';
import type { Seconds } from '../../model/quantities.ts';
import type { Observer, Reading } from './observer.ts';

const LOOK_EVERY_MS = 100;

/**
 * Waits until the workers of a deployment have nothing left to do, and says whether they had within `limit`.
 *
 * A blocked worker cannot see what waits in its socket, so "nothing in progress" is not enough: between two looks it
 * must have completed nothing and have been idle for most of the time, which a worker with a queue never is.
 */
export async function drain(observer: Observer, limit: Seconds, signal: AbortSignal): Promise<boolean> {
  let before = await observer.read();
  const end = before.time + limit;
  for (;;) {
    await delay(LOOK_EVERY_MS, undefined, { signal });
    const after = await observer.read();
    if (isIdle(before, after)) return true;
    if (after.time > end) return false;
    before = after;
  }
}

function isIdle(before: Reading, after: Reading): boolean {
  const elapsed = after.time - before.time;
  return after.workers.every((worker, index) => {
    const earlier = before.workers[index];
    return (
      earlier !== undefined &&
      worker.inProgress === 0 &&
      worker.completed === earlier.completed &&
      worker.busy - earlier.busy < elapsed / 2
    );
  });
}
