import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { requireNotNegative, requirePositive } from './admissible.ts';

/**
 * Little's law: the mean number of requests in a system.
 *
 *   N = X R
 *
 * N: concurrency. X: throughput. R: mean response time. Holds for any system, or any part of one, over a time in which as
 * many requests leave as arrive; nothing is assumed about distributions or order.
 *
 * Source: J. D. C. Little, A Proof for the Queuing Formula L = λW, Operations Research 9, 1961.
 */
export function concurrencyAt({ throughput, responseTime }: { throughput: PerSecond; responseTime: Seconds }): number {
  requireNotNegative({ throughput, responseTime });
  return throughput * responseTime;
}

/** Little's law for the mean response time, in seconds: R = N ÷ X. */
export function responseTimeAt({ concurrency, throughput }: { concurrency: number; throughput: PerSecond }): Seconds {
  requireNotNegative({ concurrency });
  requirePositive({ throughput });
  return concurrency / throughput;
}

/** People, or virtual ones, each of whom sends a request, waits for its response, thinks, and sends the next. */
export interface Users {
  /** N */
  readonly users: number;
  /** Z */
  readonly thinkTime: Seconds;
}

/**
 * The interactive response time law: the mean response time that users of a closed system see, in seconds.
 *
 *   R = N ÷ X − Z
 *
 * It is Little's law for the whole circle of service and thought. Source: Denning and Buzen, 1978. Refuses a throughput
 * that so many users cannot bring about, since they would think for longer than that leaves.
 */
export function responseTimeOfUsers({ users, throughput, thinkTime }: Users & { throughput: PerSecond }): Seconds {
  requirePositive({ users, throughput });
  requireNotNegative({ thinkTime });
  const responseTime = users / throughput - thinkTime;
  if (responseTime < 0) {
    throw new RangeError(`${users} users who think for ${thinkTime} s cannot send ${throughput} requests a second`);
  }
  return responseTime;
}
