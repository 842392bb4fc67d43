import { mean } from '../../model/statistics.ts';
/** Where the differences between values that come in groups lie: standard deviations. */
export interface VarianceComponents {
  /** Between the values of one group. */
  readonly within: number;
  /** Between groups, beside that; 0 when the groups differ by no more than their values do. */
  readonly between: number;
}

/**
 * The one-way analysis of variance: σ_w² = MS_w, σ_b² = max(0, (MS_b − MS_w) ÷ n₀), where MS_b and MS_w are the mean
 * squares between and within k groups of nᵢ values (N in all), and n₀ = (N − Σ nᵢ² ÷ N) ÷ (k − 1) is their usual size
 * (S. R. Searle et al., Variance Components, 1992, §3.6).
 */
export function varianceComponents(groups: readonly (readonly number[])[]): VarianceComponents {
  const values = groups.flat();
  const k = groups.length;
  const middle = mean(values);
  const within = sum(groups.map(group => squaresAround(group, mean(group)))) / (values.length - k);
  const between = sum(groups.map(group => group.length * (mean(group) - middle) ** 2)) / (k - 1);
  const size = (values.length - sum(groups.map(({ length }) => length ** 2)) / values.length) / (k - 1);
  return { within: Math.sqrt(within), between: Math.sqrt(Math.max(0, (between - within) / size)) };
}

function squaresAround(values: readonly number[], middle: number): number {
  return sum(values.map(value => (value - middle) ** 2));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
