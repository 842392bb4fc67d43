import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { requireCount, requirePositive } from './admissible.ts';
import { birthDeathWeights } from './birth-death.ts';
import type { ServerPool } from './erlang-c.ts';

/** A pool that turns away whoever finds it full (M/M/c/K). It has a steady state whatever the arrival rate. */
export interface LimitedPool extends ServerPool {
  /** K: the most requests that wait or are served, at least as many as servers. */
  readonly places: number;
}

/**
 * The probability that nobody is in the pool.
 *
 *   p(k) = p(k−1) λ S ÷ min(k, c)        Σ p(k) = 1 over k = 0 … K
 *
 * λ: arrival rate. S: mean service time. c: servers. K: places. Poisson arrivals, exponential service times.
 *
 * Source: L. Kleinrock, Queueing Systems, volume 1, 1975, chapter 3.
 */
export function emptyProbability(pool: LimitedPool): Fraction {
  return probabilitiesOf(pool)[0] ?? Number.NaN;
}

/** Requests that are served, per second: X = λ (1 − p(K)). */
export function throughput(pool: LimitedPool): PerSecond {
  return pool.arrivalRate * probabilitiesOf(pool).slice(0, -1).reduce(sum, 0);
}

/** The mean number of requests that wait or are served: N = Σ k p(k). */
export function concurrency(pool: LimitedPool): number {
  return probabilitiesOf(pool).reduce((mean, probability, requests) => mean + requests * probability, 0);
}

/** The mean time, in seconds, from arrival to departure of the requests that are served: R = N ÷ X. */
export function responseTime(pool: LimitedPool): Seconds {
  return concurrency(pool) / throughput(pool);
}

function probabilitiesOf({ arrivalRate, serviceTime, servers, places }: LimitedPool): Float64Array {
  requirePositive({ arrivalRate, serviceTime });
  requireCount({ servers, places });
  if (places < servers) throw new RangeError(`${servers} servers have at least as many places: ${places}`);
  const weights = birthDeathWeights(places, requests => (arrivalRate * serviceTime) / Math.min(requests, servers));
  const total = weights.reduce(sum, 0);
  return weights.map(weight => weight / total);
}

function sum(a: number, b: number): number {
  return a + b;
}
