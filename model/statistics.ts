import jstat from 'jstat';
import type { Fraction } from './quantities.ts';

/** How often the intervals hold the true value, unless a caller asks for another confidence. */
export const CONFIDENCE: Fraction = 0.95;

/** The arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation. */
export function deviationOf(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

/** The middle value; of an even number the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [lower = Number.NaN, upper = Number.NaN] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return (lower + upper) / 2;
}

/** The smallest of sorted values that at least the fraction q of them do not exceed; NaN of nothing. */
export function quantileOf(sorted: readonly number[], q: Fraction): number {
  return sorted[Math.max(1, Math.ceil(q * sorted.length - 1e-9)) - 1] ?? Number.NaN;
}

/** An estimate and the interval that holds the true value with a stated confidence. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** A value of each block, by its number. */
export type ByBlock = ReadonlyMap<number, number>;

/** The mean with its t-interval; without bounds (NaN) when there are fewer than two values. */
export function meanInterval(values: readonly number[], confidence: Fraction = CONFIDENCE): Interval {
  const estimate = mean(values);
  if (values.length < 2) return { estimate, low: Number.NaN, high: Number.NaN };
  const half = studentT(1 - (1 - confidence) / 2, values.length - 1) * (deviationOf(values) / Math.sqrt(values.length));
  return { estimate, low: estimate - half, high: estimate + half };
}

/** The geometric mean of positive values with its t-interval on the log scale. */
export function geometricInterval(values: readonly number[], confidence: Fraction = CONFIDENCE): Interval {
  return exponential(meanInterval(values.map(Math.log), confidence));
}

/**
 * `of` ÷ `to`, paired by block: the geometric mean of the blocks' ratios with its t-interval on the log scale. A block
 * that is slow for both says nothing about the ratio, and blocks that have only one of them are left out.
 */
export function pairedRatio(of: ByBlock, to: ByBlock, confidence: Fraction = CONFIDENCE): Interval {
  const ratios = [...of].flatMap(([block, value]) => {
    const other = to.get(block);
    return other === undefined ? [] : [value / other];
  });
  return geometricInterval(ratios, confidence);
}

/** One figure ÷ another that is independent of it: their widths add up on the log scale. */
export function quotient(of: Interval, to: Interval): Interval {
  const estimate = of.estimate / to.estimate;
  const below = Math.hypot(Math.log(of.estimate / of.low), Math.log(to.high / to.estimate));
  const above = Math.hypot(Math.log(of.high / of.estimate), Math.log(to.estimate / to.low));
  return { estimate, low: estimate * Math.exp(-below), high: estimate * Math.exp(above) };
}

/** An estimate that may be off by a factor either way. */
export function around(estimate: number, factor: number): Interval {
  return { estimate, low: estimate / factor, high: estimate * factor };
}

/** The interval of a logarithm as that of the value itself. */
export function exponential({ estimate, low, high }: Interval): Interval {
  return { estimate: Math.exp(estimate), low: Math.exp(low), high: Math.exp(high) };
}

/** The p-quantile of Student's t with so many degrees of freedom. */
export function studentT(p: Fraction, freedom: number): number {
  return jstat.studentt.inv(p, freedom);
}

/** The p-quantile of the standard normal distribution. */
export function normalQuantile(p: Fraction): number {
  return jstat.normal.inv(p, 0, 1);
}

/**
 * Half the width of the interval of a difference of two means whose variances may differ:
 * t(ν) √(s₁²/n₁ + s₂²/n₂), ν = (s₁²/n₁ + s₂²/n₂)² ÷ Σ (sᵢ²/nᵢ)² / (nᵢ − 1), with s the sample standard deviations and n
 * the sizes (Welch, Biometrika 34, 1947).
 */
export function welchHalfWidth(
  one: readonly number[],
  other: readonly number[],
  confidence: Fraction = CONFIDENCE,
): number {
  const [first, second] = [one, other].map(sample => deviationOf(sample) ** 2 / sample.length);
  if (first === undefined || second === undefined || first + second === 0) return 0;
  const freedom = (first + second) ** 2 / (first ** 2 / (one.length - 1) + second ** 2 / (other.length - 1));
  return studentT(1 - (1 - confidence) / 2, freedom) * Math.sqrt(first + second);
}

/**
 * `of` ÷ `to` for the means of two samples that are no pairs. On the log scale the variance of a mean is s² ÷ (n mean²)
 * (the delta method); both add up as in `welchHalfWidth`.
 */
export function ratioInterval(
  of: readonly number[],
  to: readonly number[],
  confidence: Fraction = CONFIDENCE,
): Interval {
  const [above, below] = [mean(of), mean(to)];
  const half = welchHalfWidth(
    of.map(value => value / above),
    to.map(value => value / below),
    confidence,
  );
  return around(above / below, Math.exp(half));
}

/**
 * The median of values that are rounded to a multiple of `rounding`, with its interval from order statistics: the
 * quantiles ½ ± z ÷ (2 √n) (Conover, "Practical nonparametric statistics"). A rounded value stands for all those around
 * it, and quantiles lie between them as in grouped data: otherwise they could only move in whole steps.
 */
export function medianInterval(
  values: readonly number[],
  rounding: number,
  confidence: Fraction = CONFIDENCE,
): Interval {
  const sorted = [...values].sort((a, b) => a - b);
  const reach = normalQuantile((1 + confidence) / 2) / 2 / Math.sqrt(sorted.length);
  const at = (q: Fraction) => groupedQuantile(sorted, q, rounding);
  return { estimate: at(0.5), low: at(0.5 - reach), high: at(0.5 + reach) };
}

function groupedQuantile(sorted: readonly number[], q: Fraction, rounding: number): number {
  const group = quantileOf(sorted, q);
  const from = sorted.findIndex(value => value > group - rounding / 2);
  const until = sorted.findLastIndex(value => value < group + rounding / 2) + 1;
  const within = (Math.min(1, Math.max(0, q)) * sorted.length - from) / (until - from);
  return group - rounding / 2 + rounding * Math.max(0, within);
}
