import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';

/** One queue before several equal servers: Poisson arrivals, exponential service times (M/M/c). */
export interface ServerPool {
  /** λ */
  readonly arrivalRate: PerSecond;
  /** S, the mean time that a server spends on a request. */
  readonly serviceTime: Seconds;
  /** c */
  readonly servers: number;
}

/**
 * The probability that a request has to wait (Erlang's second formula):
 *
 *   B(0) = 1,  B(k) = a B(k−1) ÷ (k + a B(k−1))        C = B(c) ÷ (1 − ρ (1 − B(c)))
 *
 * a = λ S: offered traffic. ρ = a ÷ c. B: Erlang's first formula, by its recursion, which neither overflows nor cancels.
 *
 * Source: A. K. Erlang, 1917; L. Kleinrock, Queueing Systems, volume 1, 1975, §3.5 (M/M/m).
 */
export function waitingProbability(pool: ServerPool): Fraction {
  const { arrivalRate, serviceTime, servers } = pool;
  const traffic = arrivalRate * serviceTime;
  if (!(traffic < servers && computeExcess(pool) > 0)) {
    throw new RangeError(
      `${servers} servers have no steady state with ${arrivalRate} arrivals a second of ${serviceTime} s each`,
    );
  }
  let blocked = 1;
  for (let k = 1; k <= servers; k++) blocked = (traffic * blocked) / (k + traffic * blocked);
  return blocked / (1 - (traffic / servers) * (1 - blocked));
}

/** The probability that a request waits longer than `wait`: P(W > t) = C exp(−(c ÷ S − λ) t). */
export function waitsLongerProbability(pool: ServerPool, wait: Seconds): Fraction {
  return waitingProbability(pool) * Math.exp(-computeExcess(pool) * wait);
}

/** The mean wait over all requests: W = C ÷ (c ÷ S − λ). */
export function meanWait(pool: ServerPool): Seconds {
  return waitingProbability(pool) / computeExcess(pool);
}

/** The fewest servers with which at most `fraction` of the requests wait longer than `wait`. */
export function fewestServers(
  demand: Omit<ServerPool, 'servers'>,
  { wait, fraction }: { wait: Seconds; fraction: Fraction },
): number {
  if (!(wait >= 0) || !(fraction > 0)) throw new RangeError(`no pool keeps waits over ${wait} s down to ${fraction}`);
  let servers = Math.floor(demand.arrivalRate * demand.serviceTime) + 1;
  while (waitsLongerProbability({ ...demand, servers }, wait) > fraction) servers++;
  return servers;
}

/**
 * The probability that a request is longer in the pool than t seconds: the wait, and the service after it.
 *
 *   P(R > t) = exp(−μ t) + C μ (exp(−min(μ, θ) t) − exp(−max(μ, θ) t)) ÷ |θ − μ|        μ = 1 ÷ S, θ = c μ − λ
 *
 * and C μ t exp(−μ t) for the second term when θ = μ.
 *
 * Source: D. Gross, C. M. Harris, Fundamentals of Queueing Theory, chapter 2, as the convolution of wait and service.
 */
export function responseTimeLongerProbability(pool: ServerPool, time: Seconds): Fraction {
  const served = 1 / pool.serviceTime;
  const excess = computeExcess(pool);
  const apart = Math.abs(excess - served);
  // −expm1(−x) ÷ x loses no digits where the two rates are nearly equal, as the plain difference would.
  const spread = apart * time > 0 ? -Math.expm1(-apart * time) / apart : time;
  return (
    Math.exp(-served * time) + waitingProbability(pool) * served * Math.exp(-Math.min(served, excess) * time) * spread
  );
}

/** The response time that the fraction q of requests does not exceed: P(R > t) = 1 − q, solved for t. */
export function responseTimeQuantile(pool: ServerPool, quantile: Fraction): Seconds {
  const mean = meanWait(pool) + pool.serviceTime;
  return timeAtQuantile(time => responseTimeLongerProbability(pool, time), quantile, mean);
}

/** Solves P(T > t) = 1 − q for t by halving. `longerProbability`: P(T > t), which falls to 0. `scale`: where to begin. */
export function timeAtQuantile(
  longerProbability: (time: Seconds) => Fraction,
  quantile: Fraction,
  scale: Seconds,
): Seconds {
  const beyond = 1 - quantile;
  if (longerProbability(0) <= beyond) return 0;
  let [low, high] = [0, scale];
  while (longerProbability(high) > beyond) high *= 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return high;
    if (longerProbability(middle) > beyond) low = middle;
    else high = middle;
  }
}

/** θ = c ÷ S − λ: requests a second that the servers could serve on top. */
function computeExcess({ arrivalRate, serviceTime, servers }: ServerPool): PerSecond {
  return servers / serviceTime - arrivalRate;
}
