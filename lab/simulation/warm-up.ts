import type { Seconds } from '../../model/quantities.ts';

/** Responses in a batch: the 5 of MSER-5. */
const BATCH = 5;
/** Batches kept; when full, neighbours are merged in pairs. */
const MOST_BATCHES = 2048;
/** Fewer say nothing, as with a few requests at a light load. */
const LEAST_BATCHES = 20;
/** Relative differences below this are rounding. */
const ROUNDING = 1e-9;
/** Values needed for a variance at the end of a series. */
const LEAST_LEFT = 5;

/**
 * How many of a series' first values belong to its warm-up, by MSER: the d that minimises
 *
 *   z(d) = Σ (yᵢ − ȳ)² ÷ (n − d)²   over d < i ≤ n,
 *
 * where n is the number of values and ȳ the mean of those after d: the squared standard error of that mean, were they
 * independent. `undefined`: d lies in the second half, so that the series is still on its way.
 *
 * White, "An effective truncation heuristic for bias reduction in simulation output", Simulation 69(6), 1997; on means
 * of five values MSER-5, by White, Cobb and Spratt, 2000. Refuses a series of fewer than 20 values.
 */
export function truncationPoint(series: readonly number[]): number | undefined {
  const { length } = series;
  if (length < LEAST_BATCHES) throw new RangeError(`a warm-up is found in 20 values or more, not in ${length}`);
  let best = { error: Number.POSITIVE_INFINITY, point: length };
  let mean = 0;
  let squares = 0;
  for (let point = length - 1; point >= 0; point--) {
    const value = series[point] as number;
    const left = length - point;
    const before = mean;
    mean += (value - before) / left;
    squares += (value - before) * (value - mean);
    const error = Math.max(squares / left, (ROUNDING * mean) ** 2) / left;
    // Of equal ones the earliest: nothing is left out without a reason.
    if (left >= LEAST_LEFT && error <= best.error) best = { error, point };
  }
  return best.point <= length / 2 ? best.point : undefined;
}

/** Finds where the steady state of a load begins, from its response times in the order of the responses. */
export class WarmUp {
  /** When the first request of each batch was due, and the mean response time. */
  readonly #begins = new Float64Array(MOST_BATCHES);
  readonly #means = new Float64Array(MOST_BATCHES);
  #batches = 0;
  #size = BATCH;
  #begin: Seconds = Number.NaN;
  #sum = 0;
  #count = 0;

  add(dueAt: Seconds, responseTime: Seconds): void {
    if (this.#count === 0) this.#begin = dueAt;
    this.#sum += responseTime;
    if (++this.#count < this.#size) return;
    this.#begins[this.#batches] = this.#begin;
    this.#means[this.#batches] = this.#sum / this.#size;
    this.#sum = 0;
    this.#count = 0;
    if (++this.#batches === MOST_BATCHES) this.#fold();
  }

  /** The time from which on requests are answered as in the steady state; `null`: from none on; `undefined`: too few. */
  get steadyFrom(): Seconds | null | undefined {
    if (this.#batches < LEAST_BATCHES) return undefined;
    const point = truncationPoint([...this.#means.subarray(0, this.#batches)]);
    if (point === undefined) return null;
    return point === 0 ? 0 : (this.#begins[point] as number);
  }

  #fold(): void {
    const [begins, means] = [this.#begins, this.#means];
    for (let pair = 0; pair < MOST_BATCHES / 2; pair++) {
      begins[pair] = begins[2 * pair] as number;
      means[pair] = ((means[2 * pair] as number) + (means[2 * pair + 1] as number)) / 2;
    }
    this.#batches = MOST_BATCHES / 2;
    this.#size *= 2;
  }
}
