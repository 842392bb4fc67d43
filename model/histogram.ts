/**
 * The one bucket layout, used by k6 and by the lab: buckets as wide as 2 % of their value, so that a value is known
 * to within 1 %, with one edge exactly at the objective, so that "how many were over it" has no error at all.
 *
 * Bucket k holds the values in (objective × GROWTH^(k−1), objective × GROWTH^k]; values of 1 µs and less share one.
 */

const GROWTH = 1.02;
const LOG_GROWTH = Math.log(GROWTH);
const SMALLEST = 1e-6;

/** A histogram of times in seconds; plain data, so that it can be sent and stored as JSON as it is. */
export interface Histogram {
  /** The value at which an edge lies, in seconds. */
  readonly objective: number;
  /** Number of values by bucket. */
  readonly counts: Record<number, number>;
  count: number;
  /** Sum of the values themselves, in seconds: the mean has no bucket error. */
  sum: number;
  max: number;
}

export function emptyHistogram(objective: number): Histogram {
  return { objective, counts: {}, count: 0, sum: 0, max: 0 };
}

/** Adds a value, in seconds, to `histogram`. */
export function record(histogram: Histogram, value: number, times = 1): void {
  const bucket = bucketOf(value, histogram.objective);
  histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + times;
  histogram.count += times;
  histogram.sum += value * times;
  if (value > histogram.max) histogram.max = value;
}

/** All values of `histograms`, which must share their objective. */
export function merged(histograms: readonly Histogram[], objective: number): Histogram {
  const all = emptyHistogram(objective);
  for (const one of histograms) {
    if (one.objective !== objective) {
      throw new RangeError(`histograms with edges at ${one.objective} s and ${objective} s cannot be merged`);
    }
    for (const [bucket, times] of Object.entries(one.counts)) {
      all.counts[Number(bucket)] = (all.counts[Number(bucket)] ?? 0) + times;
    }
    all.count += one.count;
    all.sum += one.sum;
    all.max = Math.max(all.max, one.max);
  }
  return all;
}

/** The q-quantile in seconds, to within 1 %: the smallest value that at least q × count values do not exceed. NaN when empty. */
export function quantile(histogram: Histogram, q: number): number {
  if (histogram.count === 0) return Number.NaN;
  const rank = Math.max(1, Math.ceil(q * histogram.count - 1e-9));
  let seen = 0;
  for (const bucket of Object.keys(histogram.counts)
    .map(Number)
    .sort((a, b) => a - b)) {
    seen += histogram.counts[bucket] ?? 0;
    if (seen >= rank) return Math.min(middleOf(bucket, histogram.objective), histogram.max);
  }
  return histogram.max;
}

/**
 * The q-quantile in seconds, as if the values of a bucket were spread evenly over it: where two distributions are
 * compared that fill their buckets, it is far closer than the 1 % of a single value. NaN when empty.
 */
export function interpolatedQuantile(histogram: Histogram, q: number): number {
  const rank = q * histogram.count;
  let seen = 0;
  for (const bucket of Object.keys(histogram.counts)
    .map(Number)
    .sort((a, b) => a - b)) {
    const times = histogram.counts[bucket] ?? 0;
    if (seen + times >= rank) {
      const [low, high] = [bucket - 1, bucket].map(edge => histogram.objective * GROWTH ** edge) as [number, number];
      return Math.min(low + ((high - low) * (rank - seen)) / times, histogram.max);
    }
    seen += times;
  }
  return Number.NaN;
}

/** How many values are over the objective: exact. */
export function countOverObjective(histogram: Histogram): number {
  let over = 0;
  for (const [bucket, times] of Object.entries(histogram.counts)) if (Number(bucket) > 0) over += times;
  return over;
}

/** Mean of the values in seconds; NaN when empty. */
export function meanOf(histogram: Histogram): number {
  return histogram.sum / histogram.count;
}

/** Variance of the values in seconds squared, each as the middle of its bucket; NaN when empty. */
export function varianceOf(histogram: Histogram): number {
  const mean = meanOf(histogram);
  let squares = 0;
  for (const [bucket, times] of Object.entries(histogram.counts)) {
    squares += times * (middleOf(Number(bucket), histogram.objective) - mean) ** 2;
  }
  return squares / histogram.count;
}

/** The bucket of a value in seconds: above 0 when it is over the objective. */
export function bucketOf(value: number, objective: number): number {
  const bucket = Math.ceil(Math.log(Math.max(value, SMALLEST) / objective) / LOG_GROWTH);
  // The logarithm may round across the edge that must be exact.
  return value <= objective ? Math.min(bucket, 0) : Math.max(bucket, 1);
}

/** The geometric middle of a bucket, in seconds. */
function middleOf(bucket: number, objective: number): number {
  return objective * GROWTH ** (bucket - 0.5);
}
