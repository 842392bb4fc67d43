import { mean } from '../../model/statistics.ts';

/** Standard deviations: a false alarm once in a thousand looks or less. */
const DEVIATIONS = 3;

/**
 * Whether a count is so far over what is allowed that chance does not explain it: count > m + 3 √m + 3, where m is
 * the number allowed. The last 3 is for small m, where a Poisson count is skewed: at m = 0.6 it takes six.
 */
export function isClearlyOver(count: number, allowed: number): boolean {
  return count > allowed + DEVIATIONS * Math.sqrt(allowed) + DEVIATIONS;
}

/** A straight line through points, by least squares. */
export interface Trend {
  /** Change per second. */
  readonly slope: number;
  /** Standard error of the slope, widened for residuals that follow each other. */
  readonly error: number;
}

/**
 * The trend of values over time. Requests in progress wander: neighbours in time are alike, and the textbook error
 * of a slope, for independent residuals, is too small by √((1 + r) ÷ (1 − r)), r their correlation from one to the next.
 */
export function trendOf(points: readonly { readonly time: number; readonly value: number }[]): Trend {
  const n = points.length;
  if (n < 3) return { slope: 0, error: Number.POSITIVE_INFINITY };
  const meanTime = mean(points.map(point => point.time));
  const meanValue = mean(points.map(point => point.value));
  const spread = sum(points.map(point => (point.time - meanTime) ** 2));
  const slope = sum(points.map(point => (point.time - meanTime) * (point.value - meanValue))) / spread;
  const residuals = points.map(point => point.value - meanValue - slope * (point.time - meanTime));
  const squares = sum(residuals.map(residual => residual ** 2));
  const products = sum(residuals.slice(1).map((residual, index) => residual * (residuals[index] ?? 0)));
  // Not below 0: samples that alternate are no reason to trust the slope more. Not above 0.95: the estimate is noisy.
  const correlation = squares === 0 ? 0 : Math.min(0.95, Math.max(0, products / squares));
  const error = Math.sqrt((squares / (n - 2) / spread) * ((1 + correlation) / (1 - correlation)));
  return { slope, error };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
