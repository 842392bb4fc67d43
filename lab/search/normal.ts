/**
 * P(Z ≤ z) of a standard normal Z, to 7.5e−8: what libraries give to the last digit is a hundred times slower, and the grid
 * of a search asks some ten thousand times a trial. Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17.
 */
export function normalBelow(z: number): number {
  const t = 1 / (1 + 0.231_641_9 * Math.abs(z));
  const polynomial =
    t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  const tail = 0.398_942_280_4 * Math.exp((-z * z) / 2) * polynomial;
  return z > 0 ? 1 - tail : tail;
}

/** The density of a normal distribution around 0 at x. */
export function normalDensity(x: number, deviation: number): number {
  return Math.exp(-((x / deviation) ** 2) / 2) / (deviation * Math.sqrt(2 * Math.PI));
}
