import type { Fraction, PerSecond } from '../../model/quantities.ts';

const PRECISION = 1e-3;
/** No service of ours, and no database, carries more in a second. */
const HIGHEST: PerSecond = 1e9;

/**
 * The throughput at which a use that grows with it reaches 1, just below; infinite where it never does. `first`: where to
 * begin to look.
 */
export function whereFull(used: (throughput: PerSecond) => Fraction, first: PerSecond): PerSecond {
  let [low, high] = [0, first];
  while (used(high) < 1) {
    if (high > HIGHEST) return Number.POSITIVE_INFINITY;
    [low, high] = [high, 2 * high];
  }
  while (high / low > 1 + PRECISION) {
    const middle = (low + high) / 2;
    if (used(middle) < 1) low = middle;
    else high = middle;
  }
  return low;
}
