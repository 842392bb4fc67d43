import type { LiveBurst } from '../../model/wire.ts';

/**
 * Which bursts are still to be sent: each once, by its number. That none is sent again by a generator that was started
 * anew is the affair of whoever orders: only there it is known what an earlier start was told.
 */
export class Bursts {
  #highest = 0;

  /** Those that have not been seen before, in the order of their numbers. */
  due(ordered: readonly LiveBurst[]): LiveBurst[] {
    const due = ordered.filter(({ number }) => number > this.#highest);
    this.#highest = Math.max(this.#highest, ...due.map(({ number }) => number));
    return due.sort((one, other) => one.number - other.number);
  }
}
