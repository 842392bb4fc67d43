import type { Interval } from '../../model/statistics.ts';

/** The values for which a statement holds. */
export interface Line {
  readonly from?: number;
  readonly to?: number;
}

/** Ratios that are about the same (C3, C5). */
export const ABOUT_THE_SAME = { from: 0.9, to: 1.1 } as const;
/** A ratio that is as large as the CPUs allow (C12). */
export const AS_EXPECTED = { from: 0.85, to: 1.15 } as const;
/** Up to so many service times a response came at once (C1). */
export const AT_ONCE = 1.5;

/** Where an interval lies: below a line, within it or above it as a whole, or `unclear` if it crosses an end. */
export function placeInterval(
  { low, high }: Interval,
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: Line,
): 'below' | 'within' | 'above' | 'unclear' {
  if (low >= from && high <= to) return 'within';
  if (high < from) return 'below';
  return low > to ? 'above' : 'unclear';
}
