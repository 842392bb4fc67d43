import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';

/** The wait in one queue before several equal servers, with service times of any distribution (M/G/c). */
export interface Wait {
  /** C, the probability of waiting. */
  readonly waiting: Fraction;
  /** W, over all requests. */
  readonly mean: Seconds;
}

/** What decides how long requests wait. */
export interface Queueing {
  /** C, such as Erlang's (erlang-c.ts); ρ for one server. */
  readonly waiting: Fraction;
  /** θ = c ÷ S − λ: requests a second that the servers could serve on top. */
  readonly excess: PerSecond;
  /** c_s²: the variance of the service times over the square of their mean; 1 for exponential, 0 for constant. */
  readonly serviceVariation: number;
}

/**
 * The wait by the approximation of Allen and Cunneen, for Poisson arrivals and independent service times.
 *
 *   W ≈ (1 + c_s²) ÷ 2 × C ÷ θ
 *
 * Exact for M/M/c, and for M/G/1, where it is the Pollaczek–Khinchine formula.
 *
 * Source: A. O. Allen, Probability, Statistics, and Queueing Theory, 1990; W. Whitt, Approximations for the GI/G/m
 * Queue, 1993.
 */
export function estimateWait({ waiting, excess, serviceVariation }: Queueing): Wait {
  if (!(excess > 0)) throw new RangeError(`there is no steady state with ${excess} requests a second to spare`);
  return { waiting, mean: (((1 + serviceVariation) / 2) * waiting) / excess };
}

/** The probability of a wait longer than t, as if exponential for those that wait: P(W > t) ≈ C exp(−C t ÷ W). */
export function waitLongerProbability({ waiting, mean }: Wait, time: Seconds): Fraction {
  return mean > 0 ? waiting * Math.exp((-waiting * time) / mean) : 0;
}

/** The wait that the fraction q of requests does not exceed: (W ÷ C) ln(C ÷ (1 − q)), or 0 if more do not wait. */
export function waitQuantile({ waiting, mean }: Wait, quantile: Fraction): Seconds {
  return mean > 0 ? Math.max(0, (mean / waiting) * Math.log(waiting / (1 - quantile))) : 0;
}
