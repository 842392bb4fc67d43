import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { requireCount, requireNotNegative } from './admissible.ts';
import type { Users } from './littles-law.ts';
import { bottleneckOf, type Station, totalDemand } from './station.ts';

/** Between which values a closed network's throughput (per second) and mean response time (seconds) must lie. */
export interface Bounds {
  readonly throughput: { readonly lower: PerSecond; readonly upper: PerSecond };
  readonly responseTime: { readonly lower: Seconds; readonly upper: Seconds };
}

/**
 * The asymptotic bounds of a closed network: nobody ever waits, or each finds all others before it at every station.
 *
 *   X ≤ min(N ÷ (D + Z), min m ÷ D_i)        R ≥ max(D, N ÷ min(m ÷ D_i) − Z)
 *   X ≥ N ÷ (R_most + Z)                     R ≤ R_most = Σ D_i max(1, N ÷ m_i)
 *
 * N: users. Z: think time. D_i: service demand at a station with m_i servers. D: their sum. With one server each, R_most
 * is the well-known N D.
 *
 * Source: E. D. Lazowska et al., Quantitative System Performance, 1984, §5.2. The upper bounds of the throughput assume
 * nothing but that demands do not change with the load; R_most with several servers is for exponential service times.
 */
export function asymptoticBounds(stations: readonly Station[], { users, thinkTime }: Users): Bounds {
  const { saturation } = bottleneckOf(stations);
  requireCount({ users });
  requireNotNegative({ thinkTime });
  const demand = totalDemand(stations);
  const most = stations.reduce((sum, station) => sum + station.serviceDemand * Math.max(1, users / station.servers), 0);
  return {
    throughput: { lower: users / (most + thinkTime), upper: Math.min(users / (demand + thinkTime), saturation) },
    responseTime: { lower: Math.max(demand, users / saturation - thinkTime), upper: most },
  };
}
