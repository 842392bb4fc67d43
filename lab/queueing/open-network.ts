import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { requirePositive } from './admissible.ts';
import { responseTime } from './mmc.ts';
import { bottleneckOf, isSaturatedAt, type Station } from './station.ts';

/** What a network of queues does in its steady state, or which station has none. */
export type OpenNetwork =
  | (Flow & { readonly state: 'stable'; readonly stations: readonly StationFlow[] })
  | { readonly state: 'unstable'; readonly bottleneck: string; readonly saturation: PerSecond };

/** Means of what passes through a network, or a station. */
export interface Flow {
  /** In seconds, over all visits of a request. */
  readonly responseTime: Seconds;
  /** Requests that wait or are served. */
  readonly concurrency: number;
}

/** Means of one station. */
export interface StationFlow extends Flow {
  readonly name: string;
  readonly utilisation: Fraction;
}

/**
 * The steady state of an open network: each station is an M/M/m queue of its own.
 *
 *   U = λ D ÷ m        R = D + C ÷ (m ÷ D − λ)        N = λ R
 *
 * λ: arrival rate. D: service demand, so that R is for all visits of a request. C: the probability to wait (erlang-c.ts).
 *
 * Source: J. R. Jackson, Jobshop-like Queueing Systems, Management Science 10, 1963. Assumes Poisson arrivals, exponential
 * service times, independent routing, no limit on what waits. `unstable` names the station that gives out first.
 */
export function openNetwork(stations: readonly Station[], { arrivalRate }: { arrivalRate: PerSecond }): OpenNetwork {
  const { station, saturation } = bottleneckOf(stations);
  requirePositive({ arrivalRate });
  if (stations.some(each => isSaturatedAt(each, arrivalRate))) {
    return { state: 'unstable', bottleneck: station.name, saturation };
  }
  const flows = stations.map(each => flowThrough(each, arrivalRate));
  return {
    state: 'stable',
    responseTime: flows.reduce((sum, flow) => sum + flow.responseTime, 0),
    concurrency: flows.reduce((sum, flow) => sum + flow.concurrency, 0),
    stations: flows,
  };
}

function flowThrough({ name, serviceDemand, servers }: Station, arrivalRate: PerSecond): StationFlow {
  if (serviceDemand === 0) return { name, utilisation: 0, responseTime: 0, concurrency: 0 };
  const time = responseTime({ arrivalRate, serviceTime: serviceDemand, servers });
  return {
    name,
    utilisation: (arrivalRate * serviceDemand) / servers,
    responseTime: time,
    concurrency: arrivalRate * time,
  };
}
