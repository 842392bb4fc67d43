import type { Fraction, Seconds } from '../../model/quantities.ts';

/** How far a sample is from a distribution, and how often chance alone takes one as far. */
export interface Fit {
  /** The largest distance between the two distribution functions. */
  readonly distance: Fraction;
  /** Probability of that distance or a larger one, when the sample does come from the distribution. */
  readonly p: Fraction;
}

/** Whether values are spread evenly over [0, 1], by the test of Kolmogorov and Smirnov. */
export function evenFit(values: readonly Fraction[]): Fit {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  const distance = sorted.reduce(
    (largest, value, index) => Math.max(largest, (index + 1) / n - value, value - index / n),
    0,
  );
  return { distance, p: beyond(distance, n) };
}

/** Whether gaps are exponential with the mean `1 ÷ arrivalRate`. F(t) = 1 − e^(−λt) turns them into even values. */
export function exponentialFit(gaps: readonly Seconds[], arrivalRate: number): Fit {
  return evenFit(gaps.map(gap => 1 - Math.exp(-arrivalRate * gap)));
}

/** Whether times are those of a Poisson process between two moments: given their number they are spread evenly. */
export function poissonFit(times: readonly Seconds[], from: Seconds, to: Seconds): Fit {
  return evenFit(times.map(time => (time - from) / (to - from)));
}

const TERMS = 100;

/**
 * P(D > d) = 2 Σ (−1)^(j−1) e^(−2 j² λ²), λ = (√n + 0.12 + 0.11 ÷ √n) d: Kolmogorov's limit with M. A. Stephens'
 * correction (EDF Statistics for Goodness of Fit, 1974), good from n = 5 on.
 */
function beyond(distance: Fraction, n: number): Fraction {
  const lambda = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * distance;
  // There the series hardly converges, and the answer is 1 to nine digits.
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let j = 1; j <= TERMS; j++) sum += (j % 2 === 1 ? 2 : -2) * Math.exp(-2 * (j * lambda) ** 2);
  return Math.min(1, Math.max(0, sum));
}
