import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { findBottleneckStation, type Station, totalDemand } from './asymptotic-bounds.ts';
import { meanWait } from './erlang-c.ts';
import type { Users } from './operational-laws.ts';

/** Means of a closed network in its steady state. */
interface ClosedNetwork {
  readonly throughput: PerSecond;
  /** Without the think time. */
  readonly responseTime: Seconds;
  readonly stations: readonly ClosedStation[];
}

/** Means of one station. */
interface ClosedStation {
  readonly name: string;
  readonly utilisation: Fraction;
  /** Over all visits of a request. */
  readonly responseTime: Seconds;
  readonly concurrency: number;
}

/**
 * Exact means of a closed network of multi-server stations and users with think time.
 *
 *   X = α G(N−1) ÷ G(N)        N_i = Σ k f_i(k) G_without_i(N−k) ÷ G(N)        R_i = N_i ÷ X        U_i = X D_i ÷ m_i
 *
 * N: users. f_i(k) = (α D_i)^k ÷ Π min(j, m_i) over j ≤ k, and (α Z)^k ÷ k! for thinking: how likely k requests are there.
 * G(n): the sum over all ways to spread n requests of the products of these, one convolution a station.
 *
 * The values are those of exact mean value analysis (M. Reiser, S. S. Lavenberg, JACM 27, 1980). Its recursion for stations
 * with several servers loses all digits near saturation, so they are computed by convolution (J. P. Buzen, CACM 16, 1973),
 * whose terms are all above 0. α is free: the arrival rate at which the open network holds N requests keeps every G in range.
 *
 * Assumes exponential service times in the order of arrival, or product form otherwise. Takes N Σ m_i steps a station.
 */
export function meanValueAnalysis(stations: readonly Station[], { users, thinkTime }: Users): ClosedNetwork {
  const { saturation } = findBottleneckStation(stations);
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

/** The arrival rate at which the open network would hold as many requests as there are users, thinking included. */
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
    for (const { serviceDemand, servers } of stations) {
      if (arrivalRate * serviceDemand >= servers || arrivalRate >= servers / serviceDemand) return Infinity;
      if (serviceDemand === 0) continue;
      held += arrivalRate * (meanWait({ arrivalRate, serviceTime: serviceDemand, servers }) + serviceDemand);
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

/**
 * How likely each state 0 … n of a birth–death process is, against the likeliest, which has weight 1: w(k) = w(k−1) ratio(k).
 *
 * ratio(k): the rate from k−1 to k over the rate back, which must not grow with k, so that weights rise to one top and fall
 * from it. From the top downwards nothing overflows, and what is too unlikely for a number becomes 0.
 *
 * Source: L. Kleinrock, Queueing Systems, volume 1, 1975, chapter 3.
 */
function birthDeathWeights(last: number, ratio: (state: number) => number): Float64Array {
  const weights = new Float64Array(last + 1);
  let top = 0;
  while (top < last && ratio(top + 1) >= 1) top++;
  let weight = 1;
  weights[top] = weight;
  for (let state = top; state > 0 && weight > 0; state--) {
    weight /= ratio(state);
    weights[state - 1] = weight;
  }
  weight = 1;
  for (let state = top + 1; state <= last && weight > 0; state++) {
    weight *= ratio(state);
    weights[state] = weight;
  }
  return weights;
}

function at(numbers: Float64Array, index: number): number {
  return numbers[index] ?? 0;
}
