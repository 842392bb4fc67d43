import { type Interval, meanInterval } from '../../model/statistics.ts';

/**
 * The mean of a long series with its 95 % interval, by batch means: neighbours hang together, whole batches of them
 * hardly do. (Law, Simulation Modeling and Analysis, 2015, §9.5.3.)
 */
export class BatchMeans {
  readonly #batches: Float64Array;
  readonly #skip: number;
  readonly #size: number;
  #seen = 0;

  /** For a series of so many values, the first `skip` of which do not count. */
  constructor(values: number, skip: number, batches = 30) {
    this.#skip = skip;
    this.#size = Math.floor((values - skip) / batches);
    this.#batches = new Float64Array(batches);
  }

  add(value: number): void {
    const batch = Math.floor((this.#seen++ - this.#skip) / this.#size);
    if (batch < 0 || batch >= this.#batches.length) return;
    this.#batches[batch] = (this.#batches[batch] ?? 0) + value / this.#size;
  }

  interval(): Interval {
    return meanInterval([...this.#batches]);
  }
}
