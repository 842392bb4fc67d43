import type { Fraction, Seconds } from '../../model/quantities.ts';
import { requireNotNegative, requireQuantile } from './admissible.ts';
import { meanWait, type ServerPool, waitingProbability } from './erlang-c.ts';
import { quantileOf } from './quantile-of.ts';

// M/M/c: what follows from Erlang C (erlang-c.ts, with its symbols and assumptions) beside the wait. Requests are served
// in the order of their arrival. What has no steady state is refused there. Source: L. Kleinrock, volume 1, 1975, §3.5.

/** The mean number of requests that wait: Lq = λ W. */
export function queueLength(pool: ServerPool): number {
  return pool.arrivalRate * meanWait(pool);
}

/** The mean number of requests that wait or are served: N = λ (W + S). */
export function concurrency(pool: ServerPool): number {
  return pool.arrivalRate * responseTime(pool);
}

/** The mean time, in seconds, from arrival to departure: R = W + S. */
export function responseTime(pool: ServerPool): Seconds {
  return meanWait(pool) + pool.serviceTime;
}

/**
 * The probability that a request is longer in the pool than t seconds: the wait, and the service after it.
 *
 *   P(R > t) = exp(−μ t) + C μ (exp(−min(μ, θ) t) − exp(−max(μ, θ) t)) ÷ |θ − μ|        θ = c μ − λ
 *
 * and C μ t exp(−μ t) for the second term when θ = μ. C: the probability to wait. μ = 1 ÷ S. Those who wait do so for an
 * exponential time with rate θ; the service time is independent of it.
 *
 * Source: D. Gross, C. M. Harris, Fundamentals of Queueing Theory, chapter 2, as the convolution of the two.
 */
export function responseTimeLongerProbability(pool: ServerPool, time: Seconds): Fraction {
  requireNotNegative({ time });
  const served = 1 / pool.serviceTime;
  const excess = pool.servers / pool.serviceTime - pool.arrivalRate;
  const apart = Math.abs(excess - served);
  // −expm1(−x) ÷ x loses nothing where the two rates are nearly equal, as the plain difference would.
  const spread = apart * time > 0 ? -Math.expm1(-apart * time) / apart : time;
  return (
    Math.exp(-served * time) + waitingProbability(pool) * served * Math.exp(-Math.min(served, excess) * time) * spread
  );
}

/** The response time, in seconds, that the fraction q of requests does not exceed: P(R > t) = 1 − q, solved for t. */
export function responseTimeQuantile(pool: ServerPool, quantile: Fraction): Seconds {
  requireQuantile(quantile);
  return quantileOf(time => responseTimeLongerProbability(pool, time), quantile, responseTime(pool));
}
