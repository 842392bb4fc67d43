import type { Fraction } from '../experiment/units.ts';
import { studentT } from './intervals.ts';
import { deviationOf } from './mean.ts';

/**
 * Half the width of the interval of a difference of two means whose variances may differ:
 * t(ν) √(s₁²/n₁ + s₂²/n₂), ν = (s₁²/n₁ + s₂²/n₂)² ÷ Σ (sᵢ²/nᵢ)² / (nᵢ − 1), with s the sample standard deviations and n
 * the sizes (Welch, Biometrika 34, 1947).
 */
export function welchHalfWidth(one: readonly number[], other: readonly number[], confidence: Fraction): number {
  const [first, second] = [one, other].map(sample => deviationOf(sample) ** 2 / sample.length);
  if (first === undefined || second === undefined || first + second === 0) return 0;
  const freedom = (first + second) ** 2 / (first ** 2 / (one.length - 1) + second ** 2 / (other.length - 1));
  return studentT(1 - (1 - confidence) / 2, freedom) * Math.sqrt(first + second);
}
