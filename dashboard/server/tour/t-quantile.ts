/** 0.975-quantiles of Student's t with 1 to 30 degrees of freedom, as every table has them. */
const TABLE = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** The 0.975-quantile of Student's t, for intervals of 95 %; fractions of a degree are dropped, which errs on the wide side. */
export function tQuantile(freedom: number): number {
  if (!(freedom >= 1)) return Number.NaN;
  // Beyond the table by the first two terms of its series in 1 ÷ freedom.
  return TABLE[Math.floor(freedom) - 1] ?? 1.96 + 2.373 / freedom;
}
