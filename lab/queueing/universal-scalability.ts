import { Matrix, solve } from 'ml-matrix';
import type { PerSecond } from '../../model/quantities.ts';
import { studentT } from '../../model/statistics.ts';
import { requireNotNegative, requirePositive } from './admissible.ts';
import { leastSquares } from './least-squares.ts';

/** How throughput grows with concurrency, or with workers: the universal scalability law. */
export interface UniversalScalability {
  /** γ, per second: the throughput of one. */
  readonly throughputOfOne: PerSecond;
  /** α: the part that has to be done one after the other. */
  readonly contention: number;
  /** β: what each costs each other to keep in step. */
  readonly coherency: number;
}

/**
 * The throughput, per second, at a concurrency of N.
 *
 *   X(N) = γ N ÷ (1 + α (N − 1) + β N (N − 1))
 *
 * Source: N. J. Gunther, Guerrilla Capacity Planning, 2007; with γ as in the usl package for R. Assumes
 * that α and β do not depend on N. With β = 0 it is Amdahl's law.
 */
export function throughputAtConcurrency(law: UniversalScalability, concurrency: number): PerSecond {
  requireLaw(law);
  requirePositive({ concurrency });
  return curveOf([law.throughputOfOne, law.contention, law.coherency])(concurrency);
}

/** The concurrency of the highest throughput, √((1 − α) ÷ β) and no less than 1; `undefined` if it grows without end. */
export function peakConcurrency(law: UniversalScalability): number | undefined {
  requireLaw(law);
  const { contention, coherency } = law;
  if (contention >= 1) return 1;
  return coherency === 0 ? undefined : Math.max(1, Math.sqrt((1 - contention) / coherency));
}

/** The highest throughput, per second; `undefined` if there is no concurrency at which it is reached. */
export function peakThroughput(law: UniversalScalability): PerSecond | undefined {
  const concurrency = peakConcurrency(law);
  return concurrency === undefined ? undefined : throughputAtConcurrency(law, concurrency);
}

/** γ ÷ α, per second: what no concurrency exceeds, even if coherency cost nothing (Amdahl); `undefined` if α = 0. */
export function throughputLimit(law: UniversalScalability): PerSecond | undefined {
  requireLaw(law);
  return law.contention === 0 ? undefined : law.throughputOfOne / law.contention;
}

/** 1 ÷ α: the concurrency at which linear growth would reach the limit; more gains little; `undefined` if α = 0. */
export function optimalConcurrency(law: UniversalScalability): number | undefined {
  requireLaw(law);
  return law.contention === 0 ? undefined : 1 / law.contention;
}

/** A throughput that was measured at a concurrency. */
export interface ScalabilityPoint {
  readonly concurrency: number;
  readonly throughput: PerSecond;
  /** What the square of its residual counts; 1 unless given. */
  readonly weight?: number;
}

/** A fitted law, one standard deviation of each of its numbers, and where they lie with 95 %. */
export interface ScalabilityFit {
  readonly law: UniversalScalability;
  readonly standardErrors: UniversalScalability;
  readonly low: UniversalScalability;
  readonly high: UniversalScalability;
  /** Per second. */
  readonly residualStandardError: PerSecond;
  readonly degreesOfFreedom: number;
}

/** The least sizes that a start is given: what is linear to the eye still has a direction to search in. */
const LEAST_START = { contention: 1e-3, coherency: 1e-6 };

/**
 * The universal scalability law that fits measurements best, by non-linear least squares of the throughput; α, β ≥ 0.
 *
 * The search starts from the linearised law, N ÷ X = (1 ÷ γ) (1 + α (N − 1) + β N (N − 1)), which ordinary least squares
 * solves at once (Gunther 2007). Intervals: estimate ± t(0.975, n − 3) standard errors, and no less than 0.
 *
 * Refuses fewer than four points, which leave nothing to judge the fit by, and points at fewer than three concurrencies.
 */
export function fitUniversalScalability(points: readonly ScalabilityPoint[]): ScalabilityFit {
  for (const { concurrency, throughput } of points) requirePositive({ concurrency, throughput });
  const different = new Set(points.map(({ concurrency }) => concurrency)).size;
  if (points.length < 4 || different < 3) {
    throw new RangeError(
      `the law needs four points at three concurrencies or more: ${points.length} at ${different} were given`,
    );
  }
  const xy = points.map(({ concurrency, throughput }) => ({ x: concurrency, y: throughput }));
  const fit = leastSquares(xy, curveOf, linearised(points), {
    minimum: [0, 0, 0],
    weights: points.map(({ weight = 1 }) => weight),
  });
  const t = studentT(0.975, fit.degreesOfFreedom);
  const bound = (side: number) =>
    fit.parameters.map((value, k) => Math.max(0, value + side * t * (fit.standardErrors[k] ?? Number.NaN)));
  return {
    law: named(fit.parameters),
    standardErrors: named(fit.standardErrors),
    low: named(bound(-1)),
    high: named(bound(1)),
    residualStandardError: fit.residualStandardError,
    degreesOfFreedom: fit.degreesOfFreedom,
  };
}

/** γ, α, β by N ÷ X = a + b (N − 1) + c N (N − 1), brought into what they can be. */
function linearised(points: readonly ScalabilityPoint[]): [number, number, number] {
  const terms = new Matrix(points.map(({ concurrency: n }) => [1, n - 1, n * (n - 1)]));
  const effort = Matrix.columnVector(points.map(({ concurrency, throughput }) => concurrency / throughput));
  const [a = 0, b = 0, c = 0] = solve(terms, effort, true).getColumn(0);
  const fastest = Math.max(...points.map(({ concurrency, throughput }) => throughput / concurrency));
  // Noise may bend the line below 0, where it means nothing: the fastest of the points is then nearest to γ.
  const one = a > 0 ? 1 / a : fastest;
  return [one, Math.max(b * one, LEAST_START.contention), Math.max(c * one, LEAST_START.coherency)];
}

function named(values: readonly number[]): UniversalScalability {
  const [throughputOfOne = Number.NaN, contention = Number.NaN, coherency = Number.NaN] = values;
  return { throughputOfOne, contention, coherency };
}

/** The law as a curve of γ, α, β. */
function curveOf(parameters: readonly number[]): (concurrency: number) => PerSecond {
  const [one = Number.NaN, contention = Number.NaN, coherency = Number.NaN] = parameters;
  return n => (one * n) / (1 + contention * (n - 1) + coherency * n * (n - 1));
}

function requireLaw({ throughputOfOne, contention, coherency }: UniversalScalability): void {
  requirePositive({ throughputOfOne });
  requireNotNegative({ contention, coherency });
}
