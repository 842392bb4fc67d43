import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { requireNotNegative, requirePositive } from './admissible.ts';

/** One server with Poisson arrivals and service times of any distribution (M/G/1). */
export interface SingleServer {
  /** λ */
  readonly arrivalRate: PerSecond;
  /** S */
  readonly serviceTime: Seconds;
  /** c²: the variance of the service time over the square of its mean; 0 for always the same, 1 for exponential. */
  readonly serviceVariation: number;
}

/**
 * The mean time, in seconds, that requests wait (the Pollaczek–Khinchine formula).
 *
 *   W = ρ S (1 + c²) ÷ (2 (1 − ρ))        ρ = λ S
 *
 * Source: L. Kleinrock, Queueing Systems, volume 1, 1975, chapter 5. Assumes an order of service that does not look at service
 * times. Refuses ρ ≥ 1.
 */
export function meanWait({ arrivalRate, serviceTime, serviceVariation }: SingleServer): Seconds {
  requirePositive({ arrivalRate, serviceTime });
  requireNotNegative({ serviceVariation });
  const utilisation = arrivalRate * serviceTime;
  if (utilisation >= 1) {
    throw new RangeError(
      `one server has no steady state with ${arrivalRate} arrivals a second of ${serviceTime} s each`,
    );
  }
  return (utilisation * serviceTime * (1 + serviceVariation)) / (2 * (1 - utilisation));
}
