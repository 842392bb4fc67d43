/**
 * P(Z ≤ z) of a standard normal Z, to 1e−7: W. J. Cody's and others' libraries are exact, and a hundred times slower than
 * a grid of a search can afford. Abramowitz and Stegun, 7.1.26, in z.
 */
export function normalBelow(z: number): number {
  const t = 1 / (1 + 0.231_641_9 * Math.abs(z));
  const polynomial =
    t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  const tail = 0.398_942_280_4 * Math.exp((-z * z) / 2) * polynomial;
  return z > 0 ? 1 - tail : tail;
}
