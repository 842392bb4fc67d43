import { settingLimits } from '../protocol.ts';
import { TIME_LIMIT } from '../work.ts';

interface Burst {
  readonly requests: number;
  /** Of the work that may be asked for within the time limit, as a fraction. */
  readonly share: number;
}

/** The bursts of the last seconds: one after the other they may not be more than one alone. */
export class RecentBursts {
  #bursts: (Burst & { readonly at: number })[] = [];

  /** Adds one that is sent at that moment; a sentence instead, where it has to wait. */
  add({ requests, share }: Burst, now: number): string | undefined {
    this.#bursts = this.#bursts.filter(({ at }) => now - at < TIME_LIMIT);
    const sentNow = this.#bursts.filter(({ at }) => now - at < 1).reduce((sum, burst) => sum + burst.requests, 0);
    const shareLately = this.#bursts.reduce((sum, burst) => sum + burst.share, 0);
    if (sentNow + requests > settingLimits.burst)
      return `${sentNow} requests were sent at once just now: wait a second.`;
    if (shareLately + share > 1 + 1e-9) {
      return 'The bursts of the last seconds are still being worked off: wait some seconds.';
    }
    this.#bursts.push({ requests, share, at: now });
    return undefined;
  }
}
