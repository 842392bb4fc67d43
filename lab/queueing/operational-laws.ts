import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';

// Laws of any system over a time in which as many requests leave as arrive. They assume nothing about distributions.
// Sources: J. D. C. Little, Operations Research 9, 1961; P. J. Denning, J. P. Buzen, The Operational Analysis of Queueing
// Network Models, 1978.

/** Little's law, the mean number of requests in a system: N = X R. X: throughput. R: mean response time. */
export function concurrencyAt({ throughput, responseTime }: { throughput: PerSecond; responseTime: Seconds }): number {
  return throughput * responseTime;
}

/** Little's law for the mean response time: R = N ÷ X. */
export function responseTimeAt({ concurrency, throughput }: { concurrency: number; throughput: PerSecond }): Seconds {
  return concurrency / throughput;
}

/** Users who each send a request, wait for its response, think, and send the next. */
export interface Users {
  /** N */
  readonly users: number;
  /** Z */
  readonly thinkTime: Seconds;
}

/** The mean response time that users of a closed system see (interactive response time law): R = N ÷ X − Z. */
export function responseTimeOfUsers({ users, throughput, thinkTime }: Users & { throughput: PerSecond }): Seconds {
  const responseTime = users / throughput - thinkTime;
  if (responseTime >= 0) return responseTime;
  throw new RangeError(`${users} users who think for ${thinkTime} s cannot send ${throughput} requests a second`);
}

/** Equal servers, and the time for which a request keeps them busy in all. */
interface Servers {
  /** D */
  readonly serviceDemand: Seconds;
  /** m */
  readonly servers: number;
}

/** The utilisation law, the busy part of the servers at a throughput: U = X D ÷ m, at most 1. */
export function utilisationAt({ throughput, serviceDemand, servers }: Servers & { throughput: PerSecond }): Fraction {
  return Math.min(1, (throughput * serviceDemand) / servers);
}

/** The throughput at which all servers are always busy: m ÷ D. */
export function saturationThroughput({ serviceDemand, servers }: Servers): PerSecond {
  return servers / serviceDemand;
}
