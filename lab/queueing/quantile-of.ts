import type { Fraction, Seconds } from '../../model/quantities.ts';

/**
 * The time, in seconds, beyond which lies the fraction 1 − q: P(T > t) = 1 − q, by halving, to the last digits of t.
 * `longerProbability` is P(T > t), which falls to 0. `scale` is where to begin to look.
 */
export function quantileOf(
  longerProbability: (time: Seconds) => Fraction,
  quantile: Fraction,
  scale: Seconds,
): Seconds {
  const beyond = 1 - quantile;
  if (longerProbability(0) <= beyond) return 0;
  let high = scale;
  while (longerProbability(high) > beyond) high *= 2;
  let low = 0;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return high;
    if (longerProbability(middle) > beyond) low = middle;
    else high = middle;
  }
}
