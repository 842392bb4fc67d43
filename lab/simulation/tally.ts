import { bucketOf, type Histogram } from '../../model/histogram.ts';
import type { Seconds } from '../../model/quantities.ts';

/** Buckets on either side of the objective: from 1 µs to far beyond any time limit. */
const SIDE = 1200;

/** A histogram that is being filled, without the price of a lookup by name for each value. */
export class Tally {
  readonly #objective: Seconds;
  readonly #counts = new Int32Array(2 * SIDE);
  /** The bucket of no time at all, which is what a simulated generator often takes. */
  readonly #none: number;
  #count = 0;
  #sum = 0;
  #max = 0;

  constructor(objective: Seconds) {
    this.#objective = objective;
    this.#none = bucketOf(0, objective);
  }

  /** Adds a value, and tells its bucket; told it, it need not find it. */
  add(value: Seconds, bucket: number = value === 0 ? this.#none : bucketOf(value, this.#objective)): number {
    const index = bucket + SIDE;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#count++;
    this.#sum += value;
    if (value > this.#max) this.#max = value;
    return bucket;
  }

  histogram(): Histogram {
    const counts: Record<number, number> = {};
    for (const [index, times] of this.#counts.entries()) if (times > 0) counts[index - SIDE] = times;
    return { objective: this.#objective, counts, count: this.#count, sum: this.#sum, max: this.#max };
  }
}
