import { tQuantile } from './t-quantile.ts';

/** An estimate and the interval that holds the true value with 95 %; without bounds (NaN) where there is too little. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** The mean of batch means with its t-interval: mean ± t(n − 1) s ÷ √n. */
export function meanInterval(values: readonly number[]): Interval {
  const { mean, variance, count } = momentsOf(values);
  const half = tQuantile(count - 1) * Math.sqrt(variance / count);
  return { estimate: mean, low: mean - half, high: mean + half };
}

/**
 * `of` ÷ `to` for batch means that were taken one after the other, so that they are no pairs. On the log scale the
 * variance of each mean is s² ÷ (n mean²) (the delta method); both add up, with the degrees of freedom of Welch.
 */
export function ratioInterval(of: readonly number[], to: readonly number[]): Interval {
  const [above, below] = [momentsOf(of), momentsOf(to)];
  const parts = [above, below].map(({ mean, variance, count }) => variance / count / mean ** 2);
  const variance = parts.reduce((sum, part) => sum + part, 0);
  const estimate = above.mean / below.mean;
  if (variance === 0) return { estimate, low: estimate, high: estimate };
  const [one = 0, other = 0] = parts;
  const freedom = variance ** 2 / (one ** 2 / (above.count - 1) + other ** 2 / (below.count - 1));
  const factor = Math.exp(tQuantile(freedom) * Math.sqrt(variance));
  return { estimate, low: estimate / factor, high: estimate * factor };
}

/**
 * The median of times that a log rounds to so many seconds, with its interval from order statistics: the quantiles
 * 0.5 ± 0.98 ÷ √n (Conover, "Practical nonparametric statistics"). A rounded time stands for all those around it, and
 * quantiles lie between them as they do in grouped data: else they could only move in whole steps.
 */
export function medianInterval(times: readonly number[], rounding: number): Interval {
  const sorted = [...times].sort((a, b) => a - b);
  const reach = 0.98 / Math.sqrt(sorted.length);
  return {
    estimate: groupedQuantile(sorted, 0.5, rounding),
    low: groupedQuantile(sorted, 0.5 - reach, rounding),
    high: groupedQuantile(sorted, 0.5 + reach, rounding),
  };
}

/** One interval ÷ another that is independent of it: their widths add up on the log scale. */
export function quotient(of: Interval, to: Interval): Interval {
  const estimate = of.estimate / to.estimate;
  const below = Math.hypot(Math.log(of.estimate / of.low), Math.log(to.high / to.estimate));
  const above = Math.hypot(Math.log(of.high / of.estimate), Math.log(to.estimate / to.low));
  return { estimate, low: estimate * Math.exp(-below), high: estimate * Math.exp(above) };
}

/** The smallest of sorted values that at least the fraction q of them do not exceed. NaN of nothing. */
export function quantileOf(sorted: readonly number[], q: number): number {
  return sorted[Math.max(1, Math.ceil(q * sorted.length - 1e-9)) - 1] ?? Number.NaN;
}

/** The arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function groupedQuantile(sorted: readonly number[], q: number, rounding: number): number {
  const group = quantileOf(sorted, q);
  const from = sorted.findIndex(value => value > group - rounding / 2);
  const until = sorted.findLastIndex(value => value < group + rounding / 2) + 1;
  const within = (Math.min(1, Math.max(0, q)) * sorted.length - from) / (until - from);
  return group - rounding / 2 + rounding * Math.max(0, within);
}

function momentsOf(values: readonly number[]): { mean: number; variance: number; count: number } {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return { mean: middle, variance: squares / (values.length - 1), count: values.length };
}
