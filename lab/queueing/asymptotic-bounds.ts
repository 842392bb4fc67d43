import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { saturationThroughput, type Users } from './operational-laws.ts';

/** One queue before equal servers, as a network of queues sees it. */
export interface Station {
  readonly name: string;
  /** D = V S: visits of a request times the service time of each; 0 where it does not go. */
  readonly serviceDemand: Seconds;
  /** m */
  readonly servers: number;
}

/** The station that limits a network, and the throughput at which it is always busy: the least m ÷ D. */
export function findBottleneckStation(stations: readonly Station[]): { station: Station; saturation: PerSecond } {
  const slower = (a: Station, b: Station) => (saturationThroughput(b) < saturationThroughput(a) ? b : a);
  const station = stations.filter(({ serviceDemand }) => serviceDemand > 0).reduce(slower);
  return { station, saturation: saturationThroughput(station) };
}

/** Σ D: the response time of a request that waits for nothing. */
export function totalDemand(stations: readonly Station[]): Seconds {
  return stations.reduce((total, { serviceDemand }) => total + serviceDemand, 0);
}

/** Between which values throughput and mean response time of a closed network must lie. */
interface Bounds {
  readonly throughput: { readonly lower: PerSecond; readonly upper: PerSecond };
  readonly responseTime: { readonly lower: Seconds; readonly upper: Seconds };
}

/**
 * The asymptotic bounds of a closed network: no request ever waits, or each finds all others before it everywhere.
 *
 *   X ≤ min(N ÷ (D + Z), min m ÷ D_i)        R ≥ max(D, N ÷ min(m ÷ D_i) − Z)
 *   X ≥ N ÷ (R_most + Z)                     R ≤ R_most = Σ D_i max(1, N ÷ m_i)
 *
 * N: users. Z: think time. D_i: service demand at a station with m_i servers. D: their sum.
 *
 * Source: E. D. Lazowska et al., Quantitative System Performance, 1984, §5.2. R_most with several servers assumes
 * exponential service times.
 */
export function asymptoticBounds(stations: readonly Station[], { users, thinkTime }: Users): Bounds {
  const { saturation } = findBottleneckStation(stations);
  const demand = totalDemand(stations);
  const most = stations.reduce((sum, station) => sum + station.serviceDemand * Math.max(1, users / station.servers), 0);
  return {
    throughput: { lower: users / (most + thinkTime), upper: Math.min(users / (demand + thinkTime), saturation) },
    responseTime: { lower: Math.max(demand, users / saturation - thinkTime), upper: most },
  };
}
