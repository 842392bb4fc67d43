import { levenbergMarquardt } from 'ml-levenberg-marquardt';

/** What is believed of a positive parameter before anything is seen, and how far its logarithm may be off. */
export interface Belief {
  readonly value: number;
  readonly deviation: number;
  /** Where to look first; otherwise at what is believed. */
  readonly start?: number;
}

/** Of a logarithm, from what was believed: a factor of twenty. Without a bound the first step may leave all numbers. */
const FURTHEST = 3;
const LEAST_POINTS = 3;
/** Steps of the search from near its end, and from anywhere. */
const NEAR = 12;
const FAR = 40;

/**
 * The most likely values of positive parameters: they minimise Σ r², r: the residuals in standard deviations, those of
 * the beliefs among them (maximum a posteriori). A parameter of which nothing was seen stays as it was believed to be.
 */
export function mostLikely(
  beliefs: readonly Belief[],
  residualsOf: (parameters: readonly number[]) => readonly number[],
): number[] {
  const valuesOf = (logs: readonly number[]) => logs.map((log, index) => Math.exp(log) * (beliefs[index]?.value ?? 1));
  const all = (logs: readonly number[]): number[] => [
    ...residualsOf(valuesOf(logs)),
    ...logs.map((log, index) => log / (beliefs[index]?.deviation ?? 1)),
  ];
  const start = beliefs.map(({ value, start: first = value }) => Math.log(first / value));
  // The library refuses fewer points than that; those that are not there have no error.
  const x = Array.from({ length: Math.max(LEAST_POINTS, all(start).length) }, (_, index) => index);
  const { parameterValues } = levenbergMarquardt(
    { x, y: x.map(() => 0) },
    logs => {
      const residuals = all(logs);
      return index => residuals[index] ?? 0;
    },
    {
      initialValues: start,
      minValues: start.map(() => -FURTHEST),
      maxValues: start.map(() => FURTHEST),
      damping: 1,
      gradientDifference: 1e-4,
      maxIterations: beliefs.some(({ start }) => start !== undefined) ? NEAR : FAR,
      errorTolerance: 1e-9,
    },
  );
  return valuesOf(parameterValues);
}
