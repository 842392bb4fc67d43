import type { Seconds } from '../../model/quantities.ts';

/** A span of time that something is counted over. */
export class Span {
  readonly from: Seconds;
  to: Seconds;

  constructor(from: Seconds, to: Seconds) {
    this.from = from;
    this.to = to;
  }

  get length(): Seconds {
    return Math.max(0, this.to - this.from);
  }

  holds(time: Seconds): boolean {
    return time >= this.from && time < this.to;
  }

  /** Seconds of the time from `begin` to `end` that lie in it. */
  overlap(begin: Seconds, end: Seconds): Seconds {
    const from = begin > this.from ? begin : this.from;
    const to = end < this.to ? end : this.to;
    return to > from ? to - from : 0;
  }
}
