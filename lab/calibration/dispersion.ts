import jstat from 'jstat';
import type { Fraction } from '../../model/quantities.ts';
import { mean } from '../../model/statistics.ts';

/** How much the counts of equal intervals differ, against those of a Poisson process. */
export interface Dispersion {
  /** Variance ÷ mean: 1 for a Poisson process, less for even spacing, more for bursts. */
  readonly index: number;
  /** Probability of an index as far from 1, to either side, for a Poisson process. */
  readonly p: Fraction;
}

/**
 * The test of dispersion: I = Σ (nᵢ − n̄)² ÷ ((k − 1) n̄), where nᵢ are the counts of k intervals; (k − 1) I has the χ²
 * distribution with k − 1 degrees of freedom (R. A. Fisher, 1950; D. R. Cox and P. A. W. Lewis, 1966, §6.3).
 */
export function dispersionOf(counts: readonly number[]): Dispersion {
  const freedom = counts.length - 1;
  const middle = mean(counts);
  const squares = counts.reduce((sum, count) => sum + (count - middle) ** 2, 0);
  const below = jstat.chisquare.cdf(squares / middle, freedom);
  return { index: squares / middle / freedom, p: Math.min(1, 2 * Math.min(below, 1 - below)) };
}

/** How many of `times` lie in each interval of that width between two moments; a last part of one is left out. */
export function countsIn(times: readonly number[], from: number, to: number, width: number): number[] {
  const counts = Array<number>(Math.floor((to - from) / width + 1e-9)).fill(0);
  for (const time of times) {
    const interval = Math.floor((time - from) / width);
    const count = counts[interval];
    if (count !== undefined) counts[interval] = count + 1;
  }
  return counts;
}
