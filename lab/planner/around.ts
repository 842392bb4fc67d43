import type { Interval } from '../../model/statistics.ts';

/** An estimate that may be off by a factor either way. */
export function around(estimate: number, factor: number): Interval {
  return { estimate, low: estimate / factor, high: estimate * factor };
}
