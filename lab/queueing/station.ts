import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { requireCount, requireNotNegative, requirePositive } from './admissible.ts';
import { saturationThroughput } from './utilisation-law.ts';

/** One queue before equal servers, as a network of queues sees it. */
export interface Station {
  readonly name: string;
  /** D = V S: the visits of a request times the service time of each. 0 for what a request does not use. */
  readonly serviceDemand: Seconds;
  /** m */
  readonly servers: number;
}

/** The station that limits a network, and the throughput, per second, at which it is always busy: the least m ÷ D. */
export function bottleneckOf(stations: readonly Station[]): { station: Station; saturation: PerSecond } {
  requireStations(stations);
  const [first, ...others] = stations.filter(({ serviceDemand }) => serviceDemand > 0);
  if (first === undefined) throw new RangeError('the service demands are all 0: nothing limits the throughput');
  const slower = (a: Station, b: Station) => (saturationThroughput(b) < saturationThroughput(a) ? b : a);
  const station = others.reduce(slower, first);
  return { station, saturation: saturationThroughput(station) };
}

/** Σ D, in seconds: the response time of a request that waits for nothing. */
export function totalDemand(stations: readonly Station[]): Seconds {
  return stations.reduce((total, { serviceDemand }) => total + serviceDemand, 0);
}

/** Whether a station has no steady state with so many requests a second, whichever way that is rounded. */
export function isSaturatedAt({ serviceDemand, servers }: Station, arrivalRate: PerSecond): boolean {
  return arrivalRate * serviceDemand >= servers || arrivalRate >= servers / serviceDemand;
}

/** Refuses a network that is none: without stations, or with a demand or a number of servers that cannot be. */
export function requireStations(stations: readonly Station[]): void {
  if (stations.length === 0) throw new RangeError('a network has at least one station');
  for (const { name, serviceDemand, servers } of stations) {
    requireNotNegative({ [`the service demand of ${name}`]: serviceDemand });
    requireCount({ [`the number of servers of ${name}`]: servers });
  }
  requirePositive({ 'the sum of the service demands': totalDemand(stations) });
}
