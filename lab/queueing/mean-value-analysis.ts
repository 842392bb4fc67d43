import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { requireCount, requireNotNegative } from './admissible.ts';
import { birthDeathWeights } from './birth-death.ts';
import type { Users } from './littles-law.ts';
import { concurrency as concurrencyOfPool } from './mmc.ts';
import { bottleneckOf, isSaturatedAt, type Station, totalDemand } from './station.ts';

/** Means of a closed network in its steady state. */
export interface ClosedNetwork {
  readonly throughput: PerSecond;
  /** In seconds, without the think time. */
  readonly responseTime: Seconds;
  readonly stations: readonly ClosedStation[];
}

/** Means of one station: its response time, in seconds, is over all visits of a request. */
export interface ClosedStation {
  readonly name: string;
  readonly utilisation: Fraction;
  readonly responseTime: Seconds;
  readonly concurrency: number;
}

/** More are refused: the arrays would not fit. */
const MOST_USERS = 1_000_000;

/**
 * Exact means of a closed network of multi-server stations and users who think.
 *
 *   X = α G(N−1) ÷ G(N)        N_i = Σ k f_i(k) G_without_i(N−k) ÷ G(N)        R_i = N_i ÷ X        U_i = X D_i ÷ m_i
 *
 * N: users. f_i(k) = (α D_i)^k ÷ Π min(j, m_i) over j ≤ k, and (α Z)^k ÷ k! for thought: how likely k requests are there.
 * G(n): the sum over all ways to spread n requests of the products of these, one convolution a station.
 *
 * The values are those of exact mean value analysis (M. Reiser, S. S. Lavenberg, JACM 27, 1980). Its recursion for stations
 * with several servers finds the probability of an idle station as 1 minus all others, which near saturation is noise and
 * then less than 0; so they are computed by convolution (J. P. Buzen, CACM 16, 1973), whose terms are all above 0. α is
 * free: it is chosen as the arrival rate at which the open network holds N requests, which keeps every G in range.
 *
 * Assumes exponential service times in the order of arrival, or product form otherwise. Refuses users that cannot be
 * counted and what is no network. Takes N Σ m_i steps for each station.
 */
export function meanValueAnalysis(stations: readonly Station[], { users, thinkTime }: Users): ClosedNetwork {
  const { saturation } = bottleneckOf(stations);
  requireCount({ users });
  requireNotNegative({ thinkTime });
  if (users > MOST_USERS) throw new RangeError(`a closed network has at most ${MOST_USERS} users: ${users}`);

  const rate = fillingRate(stations, { users, thinkTime }, saturation);
  const thinking = birthDeathWeights(users, requests => (rate * thinkTime) / requests);
  const all = stations.map(station => weighed(station, rate, users));
  const sums = all.reduce(convolved, thinking);
  const whole = at(sums, users);
  const throughput = Math.min(saturation, (rate * at(sums, users - 1)) / whole);

  const closedStations = all.map((own): ClosedStation => {
    const without = all.filter(other => other !== own).reduce(convolved, thinking);
    let present = 0;
    for (let requests = 1; requests <= users; requests++) {
      present += requests * at(own.weights, requests) * at(without, users - requests);
    }
    const concurrency = present / whole;
    const { name, serviceDemand, servers } = own.station;
    const utilisation = Math.min(1, (throughput * serviceDemand) / servers);
    return { name, utilisation, responseTime: concurrency / throughput, concurrency };
  });
  const responseTime = closedStations.reduce((sum, station) => sum + station.responseTime, 0);
  return { throughput, responseTime, stations: closedStations };
}

interface Weighed {
  readonly station: Station;
  /** r = α D ÷ m: f(k) = r f(k−1) from k = m on. */
  readonly utilisation: Fraction;
  /** f(k), k = 0 … N, the largest 1. */
  readonly weights: Float64Array;
}

/** The arrival rate at which the open network would hold as many requests as there are users, thought included. */
function fillingRate(stations: readonly Station[], { users, thinkTime }: Users, saturation: PerSecond): PerSecond {
  let [low, high] = [0, Math.min(saturation, users / (totalDemand(stations) + thinkTime))];
  for (let halving = 0; halving < 48; halving++) {
    const middle = (low + high) / 2;
    if (heldAt(middle) > users) high = middle;
    else low = middle;
  }
  return low;

  function heldAt(arrivalRate: PerSecond): number {
    let held = arrivalRate * thinkTime;
    for (const station of stations) {
      const { serviceDemand, servers } = station;
      if (isSaturatedAt(station, arrivalRate)) return Infinity;
      if (serviceDemand > 0) held += concurrencyOfPool({ arrivalRate, serviceTime: serviceDemand, servers });
    }
    return held;
  }
}

function weighed(station: Station, rate: PerSecond, users: number): Weighed {
  const traffic = rate * station.serviceDemand;
  const weights = birthDeathWeights(users, requests => traffic / Math.min(requests, station.servers));
  return { station, utilisation: traffic / station.servers, weights };
}

/**
 * g ∗ f. As f is geometric from m on, f = p ∗ (1, r, r², …) with p(k) = f(k) (1 − k ÷ m) for k < m and no more: m steps
 * for each n instead of n, and no difference of two numbers that may be equal.
 */
function convolved(g: Float64Array, { station: { servers }, utilisation, weights }: Weighed): Float64Array {
  const busy = Math.min(servers, weights.length);
  const parts = new Float64Array(busy);
  let [first, end] = [busy, 0];
  for (let k = 0; k < busy; k++) {
    const part = at(weights, k) * (1 - k / servers);
    parts[k] = part;
    if (part > NEGLIGIBLE) [first, end] = [Math.min(first, k), k + 1];
  }
  const product = new Float64Array(g.length);
  let previous = 0;
  for (let n = 0; n < g.length; n++) {
    let sum = utilisation * previous;
    for (let k = first; k < end && k <= n; k++) sum += at(parts, k) * at(g, n - k);
    product[n] = previous = sum;
  }
  return product;
}

/** Against a largest weight of 1: with thousands of servers most numbers of requests are this unlikely. */
const NEGLIGIBLE = 1e-40;

function at(numbers: Float64Array, index: number): number {
  return numbers[index] ?? 0;
}
