import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { requirePositive } from './admissible.ts';

/** One server with exponential service times and independent gaps between arrivals of any distribution (G/M/1). */
export interface RenewalQueue {
  /** λ */
  readonly arrivalRate: PerSecond;
  /** S */
  readonly serviceTime: Seconds;
  /** A*(s) = E exp(−s A), the Laplace transform of the gaps A, whose mean is 1 ÷ λ. */
  readonly gapTransform: (s: PerSecond) => number;
}

/** Arrivals at even distances, which makes D/M/1: A*(s) = exp(−s ÷ λ). */
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
 * Source: L. Kleinrock, Queueing Systems, volume 1, 1975, chapter 6. Refuses λ S ≥ 1, where there is no such root, and a
 * transform that cannot be one of gaps with mean 1 ÷ λ: each has A*(s) between exp(−s ÷ λ) and 1.
 */
export function waitingProbability({ arrivalRate, serviceTime, gapTransform }: RenewalQueue): Fraction {
  requirePositive({ arrivalRate, serviceTime });
  if (arrivalRate * serviceTime >= 1) {
    throw new RangeError(
      `one server has no steady state with ${arrivalRate} arrivals a second of ${serviceTime} s each`,
    );
  }
  const alone = gapTransform(1 / serviceTime);
  if (!(alone < 1 && alone >= Math.exp(-1 / (arrivalRate * serviceTime)) * (1 - 1e-9))) {
    throw new RangeError(
      `no gaps with a mean of ${1 / arrivalRate} s have the transform ${alone} at ${1 / serviceTime}/s`,
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

/** The mean time, in seconds, for which requests wait, those that do not wait included: W = σ S ÷ (1 − σ). */
export function meanWait(queue: RenewalQueue): Seconds {
  const busy = waitingProbability(queue);
  return (busy * queue.serviceTime) / (1 - busy);
}
