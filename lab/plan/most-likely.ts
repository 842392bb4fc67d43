import { levenbergMarquardt } from 'ml-levenberg-marquardt';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import type { CpuDemand } from '../simulation/service-model.ts';

/** What is believed of a positive parameter before anything is seen. */
interface Belief {
  readonly value: number;
  /** Standard deviation of its logarithm. */
  readonly deviation: number;
  /** Where to look first; otherwise at the value. */
  readonly start?: number;
}

/** Largest change of a logarithm from its belief, a factor of twenty: an unbounded first step may overflow. */
const FURTHEST = 3;
const LEAST_POINTS = 3;
/** Steps of the search from near its end, and from anywhere. */
const NEAR = 12;
const FAR = 40;

/**
 * The most likely values of positive parameters: they minimise Σ r², r: the residuals in standard deviations, those of
 * the beliefs among them (maximum a posteriori). A parameter that no residual depends on keeps its believed value.
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
  // The library refuses fewer points than that; missing ones have no error.
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

/** Relative deviation of a demand from trial to trial, apart from the coarse counting of CPU time. */
const NOISE: Fraction = 0.06;
/** The system counts CPU time in steps of this. */
const TICK: Seconds = 0.01;
/** Deviation of the logarithm between machines: a factor of two is nothing unusual. */
const ELSEWHERE = 0.7;

/** What is believed of a demand before anything is seen, and where to look for it first. */
export function beliefsIn(believed: CpuDemand, first: CpuDemand): Belief[] {
  const starts = listParts(first);
  return listParts(believed).map((value, index) => {
    const start = starts[index] ?? 0;
    return { value, deviation: ELSEWHERE, ...(start > 0 && { start }) };
  });
}

/** The demand of another machine, drawn at random as far as this one is doubted. */
export function drawDemand(believed: CpuDemand, normal: () => number): CpuDemand {
  return demandFrom(listParts(believed).map(part => part * Math.exp(ELSEWHERE * normal())));
}

/** A demand from what can be shared, what cannot, and the load at which half of it is. */
export function demandFrom([shared = 0, least = 0, half = 1]: readonly number[]): CpuDemand {
  return { light: least + shared, least, half };
}

function listParts({ light, least, half }: CpuDemand): number[] {
  return [light - least, least, half];
}

/** CPU time of a request beyond what was expected, in standard deviations. */
export function computeResidual(expected: Seconds, observed: Seconds, requests: number, processes: number): number {
  const coarse = (TICK * Math.sqrt(processes)) / requests;
  return (observed - expected) / Math.hypot(NOISE * expected, coarse);
}
