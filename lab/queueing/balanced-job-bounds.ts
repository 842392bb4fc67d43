import { requireCount, requireNotNegative } from './admissible.ts';
import type { Bounds } from './asymptotic-bounds.ts';
import type { Users } from './littles-law.ts';
import { bottleneckOf, type Station, totalDemand } from './station.ts';

/**
 * The balanced-job bounds of a closed network: no network with the same D and the same largest demand is faster than one
 * whose demands are all equal, and none is slower than one whose every demand is 0 or the largest.
 *
 *   X ≤ min(1 ÷ D_max, N ÷ (D + Z + (N − 1) D_mean ÷ (1 + Z ÷ D)))
 *   X ≥ N ÷ (D + Z + (N − 1) D_max ÷ (1 + Z ÷ (N D)))               R = N ÷ X − Z, each way round
 *
 * N: users. Z: think time. D: sum of the service demands, D_max the largest, D_mean their mean over the stations that a
 * request uses.
 *
 * Source: J. Zahorjan et al., Balanced Job Bound Analysis of Queueing Networks, CACM 25, 1982; Lazowska et al.,
 * Quantitative System Performance, 1984, §5.4. Assumes a product-form network with one server at each station, and
 * refuses more: the usual stand-in for several servers (a faster one and a delay) is an approximation, and bounds nothing.
 */
export function balancedJobBounds(stations: readonly Station[], { users, thinkTime }: Users): Bounds {
  const { station: bottleneck, saturation } = bottleneckOf(stations);
  requireCount({ users });
  requireNotNegative({ thinkTime });
  const shared = stations.find(({ servers }) => servers > 1);
  if (shared)
    throw new RangeError(`balanced-job bounds are for one server a station: ${shared.name} has ${shared.servers}`);

  const demand = totalDemand(stations);
  const mean = demand / stations.filter(({ serviceDemand }) => serviceDemand > 0).length;
  const others = users - 1;
  const least = demand + (others * mean) / (1 + thinkTime / demand);
  const most = demand + (others * bottleneck.serviceDemand) / (1 + thinkTime / (users * demand));
  return {
    throughput: { lower: users / (most + thinkTime), upper: Math.min(users / (least + thinkTime), saturation) },
    responseTime: { lower: Math.max(least, users / saturation - thinkTime), upper: most },
  };
}
