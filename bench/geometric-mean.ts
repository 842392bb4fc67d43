/** A mean with its 95 % interval. */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** The geometric mean of positive numbers with its 95 % t-interval on the log scale; two numbers at least. */
export function geometricMean(values: readonly number[]): Estimate {
  const { mean, low, high } = arithmeticMean(values.map(Math.log));
  return { mean: Math.exp(mean), low: Math.exp(low), high: Math.exp(high) };
}

/** The mean with its 95 % t-interval; two numbers at least. */
export function arithmeticMean(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  const half = studentT(values.length - 1) * Math.sqrt(variance / values.length);
  return { mean, low: mean - half, high: mean + half };
}

/** Two cells of a table: the mean, and its interval. */
export function cellsOf({ mean, low, high }: Estimate, digits: number): string[] {
  return [mean.toFixed(digits), `${low.toFixed(digits)} to ${high.toFixed(digits)}`];
}

/** Student's t, 0.975, for 1 to 30 degrees of freedom. */
const QUANTILES = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

function studentT(freedom: number): number {
  const quantile = QUANTILES[freedom - 1];
  if (quantile === undefined) throw new RangeError(`an interval takes 2 to ${QUANTILES.length + 1} values`);
  return quantile;
}
