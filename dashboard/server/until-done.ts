import { setTimeout } from 'node:timers/promises';

/** Milliseconds between two attempts: at first, and when it has failed for long. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

/** Tries until it succeeds, with pauses that become longer; rejects when the signal ends that. */
export async function untilDone(
  attempt: () => Promise<void>,
  signal: AbortSignal,
  pause: (ms: number) => Promise<unknown> = ms => setTimeout(ms, undefined, { signal }),
): Promise<void> {
  for (let ms = FIRST_PAUSE_MS; ; ms = Math.min(2 * ms, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch {
      await pause(ms);
    }
  }
}
