import { limits } from '../protocol.ts';
import { TIME_LIMIT } from './load-limits.ts';

interface Burst {
  readonly requests: number;
  /** Seconds that all of them compute and wait, if nothing holds them up. */
  readonly work: number;
}

/** The bursts of the last seconds: one after the other they may not be more than one alone. */
export class RecentBursts {
  #bursts: (Burst & { readonly at: number })[] = [];

  /** Adds one that is sent at that moment; a sentence instead, where it has to wait. */
  add({ requests, work }: Burst, now: number): string | undefined {
    this.#bursts = this.#bursts.filter(({ at }) => now - at < TIME_LIMIT);
    const sentNow = this.#bursts.filter(({ at }) => now - at < 1).reduce((sum, burst) => sum + burst.requests, 0);
    const workLately = this.#bursts.reduce((sum, burst) => sum + burst.work, 0);
    if (sentNow + requests > limits.burst) return `${sentNow} requests were sent at once just now: wait a second.`;
    if (workLately + work > limits.work * TIME_LIMIT) {
      return 'The bursts of the last seconds are still being worked off: wait some seconds.';
    }
    this.#bursts.push({ requests, work, at: now });
    return undefined;
  }
}
