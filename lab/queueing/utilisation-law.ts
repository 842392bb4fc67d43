import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { requireCount, requireNotNegative, requirePositive } from './admissible.ts';

/** Equal servers that a request keeps busy for some time in all. */
export interface Servers {
  /** D */
  readonly serviceDemand: Seconds;
  /** m */
  readonly servers: number;
}

/** Above 1 by no more than this, a utilisation is 1 that was rounded. */
const ROUNDING = 1e-12;

/**
 * The utilisation law: the busy part of m servers at a throughput.
 *
 *   U = X D ÷ m
 *
 * X: throughput. D: service demand, the busy time of all servers together for a request.
 *
 * Source: P. J. Denning, J. P. Buzen, The Operational Analysis of Queueing Network Models, 1978. Assumes only that D was
 * counted over the same requests as X. Refuses a throughput that the servers cannot carry.
 */
export function utilisationAt({ throughput, serviceDemand, servers }: Servers & { throughput: PerSecond }): Fraction {
  requireNotNegative({ throughput, serviceDemand });
  requireCount({ servers });
  const utilisation = (throughput * serviceDemand) / servers;
  if (utilisation > 1 + ROUNDING) {
    throw new RangeError(`${servers} servers cannot carry ${throughput}/s of ${serviceDemand} s each`);
  }
  return Math.min(1, utilisation);
}

/** The throughput, per second, at which all servers are always busy: the utilisation law solved for U = 1, m ÷ D. */
export function saturationThroughput({ serviceDemand, servers }: Servers): PerSecond {
  requirePositive({ serviceDemand });
  requireCount({ servers });
  return servers / serviceDemand;
}
