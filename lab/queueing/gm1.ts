import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';

/** One server with exponential service times and independent gaps between arrivals of any distribution (G/M/1). */
export interface RenewalQueue {
  /** λ */
  readonly arrivalRate: PerSecond;
  /** S */
  readonly serviceTime: Seconds;
  /** A*(s) = E exp(−s A), the Laplace transform of the gaps A, whose mean is 1 ÷ λ. */
  readonly gapTransform: (s: PerSecond) => number;
}

/** Evenly spaced arrivals, which makes D/M/1: A*(s) = exp(−s ÷ λ). */
export function evenArrivals(arrivalRate: PerSecond): Pick<RenewalQueue, 'arrivalRate' | 'gapTransform'> {
  return { arrivalRate, gapTransform: s => Math.exp(-s / arrivalRate) };
}

/** Poisson arrivals, which makes M/M/1: A*(s) = λ ÷ (λ + s). */
export function poissonArrivals(arrivalRate: PerSecond): Pick<RenewalQueue, 'arrivalRate' | 'gapTransform'> {
  return { arrivalRate, gapTransform: s => arrivalRate / (arrivalRate + s) };
}

/**
 * The probability that an arrival finds the server busy: the root σ below 1 of
 *
 *   σ = A*(μ (1 − σ))        μ = 1 ÷ S
 *
 * Source: L. Kleinrock, Queueing Systems, volume 1, 1975, chapter 6.
 */
export function waitingProbability({ arrivalRate, serviceTime, gapTransform }: RenewalQueue): Fraction {
  if (!(arrivalRate * serviceTime < 1)) {
    throw new RangeError(
      `one server has no steady state with ${arrivalRate} arrivals a second of ${serviceTime} s each`,
    );
  }
  // A*(μ (1 − σ)) − σ is convex, above 0 at σ = 0, and below 0 from the root to 1.
  let [low, high] = [0, 1];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return low;
    if (gapTransform((1 - middle) / serviceTime) > middle) low = middle;
    else high = middle;
  }
}

/** The mean wait over all requests: W = σ S ÷ (1 − σ). */
export function meanWait(queue: RenewalQueue): Seconds {
  const busy = waitingProbability(queue);
  return (busy * queue.serviceTime) / (1 - busy);
}
