/** A worker's count of seconds that grows at the end of each wait (or hold), and how many are going on. */
export interface Spent {
  /** Seconds of all that have ended. */
  readonly ended: number;
  readonly goingOn: number;
}

/**
 * How much was really spent in each interval, where a count grows only when a wait ends: a wait that goes on over a
 * whole interval is counted as it goes, and taken off again when it ends. Over all intervals nothing is added.
 */
export class Growth {
  #last: Spent | undefined;
  /** Seconds that were counted of waits that go on. */
  #ahead = 0;

  /** Seconds that were spent in the interval that ends now, which was `duration` seconds long; 0 of the first. */
  in(spent: Spent, duration: number): number {
    const last = this.#last;
    const ahead = this.#ahead;
    this.#last = spent;
    if (last === undefined) return 0;
    const ended = spent.ended - last.ended;
    // Nothing has ended: what goes on now and went on before went on all the time.
    this.#ahead = ended > 0 ? 0 : ahead + Math.min(last.goingOn, spent.goingOn) * duration;
    return Math.max(0, ended + this.#ahead - ahead);
  }
}
