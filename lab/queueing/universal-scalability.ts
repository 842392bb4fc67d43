import { inverse, Matrix, solve } from 'ml-matrix';
import type { PerSecond } from '../../model/quantities.ts';
import { studentT } from '../../model/statistics.ts';

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
 * The throughput at a concurrency of N.
 *
 *   X(N) = γ N ÷ (1 + α (N − 1) + β N (N − 1))
 *
 * Source: N. J. Gunther, Guerrilla Capacity Planning, 2007; with γ as in the usl package for R. With β = 0 it is Amdahl's law.
 */
export function throughputAtConcurrency(law: UniversalScalability, concurrency: number): PerSecond {
  return (law.throughputOfOne * concurrency) / slowdownAt(law, concurrency);
}

function slowdownAt({ contention, coherency }: UniversalScalability, n: number): number {
  return 1 + contention * (n - 1) + coherency * n * (n - 1);
}

/** A throughput that was measured at a concurrency. */
export interface ScalabilityPoint {
  readonly concurrency: number;
  readonly throughput: PerSecond;
  /** What the square of its residual counts; 1 unless given. */
  readonly weight?: number;
}

/** A fitted law, one standard deviation of each of its numbers, and their 95 % intervals. */
interface ScalabilityFit {
  readonly law: UniversalScalability;
  readonly standardErrors: UniversalScalability;
  readonly low: UniversalScalability;
  readonly high: UniversalScalability;
  /** Per second, times √weight. */
  readonly residualStandardError: PerSecond;
  readonly degreesOfFreedom: number;
}

/** γ, α and β; without coherency γ and α. */
type Numbers = readonly number[];

const MOST_STEPS = 100;
const MOST_HALVINGS = 30;
const CONVERGED = 1e-12;

/**
 * The law that fits measurements best, by weighted least squares of the throughput with α, β ≥ 0; without `coherency` β = 0.
 * Gauss–Newton steps start from the linearised law, N ÷ X = (1 ÷ γ) (1 + α (N − 1) + β N (N − 1)) (Gunther 2007).
 * Intervals: estimate ± t(0.975, points − numbers) standard errors, at least 0. Standard errors are those of the law made
 * linear at the optimum (D. M. Bates, D. G. Watts, Nonlinear Regression Analysis, 1988, chapter 2).
 *
 * Refuses fewer than four points or three concurrencies, which leave nothing to judge the fit by.
 */
export function fitUniversalScalability(
  points: readonly ScalabilityPoint[],
  { coherency = true }: { readonly coherency?: boolean } = {},
): ScalabilityFit {
  const different = new Set(points.map(({ concurrency }) => concurrency)).size;
  if (points.length < 4 || different < 3) {
    throw new RangeError(
      `the law needs four points at three concurrencies or more: ${points.length} at ${different} were given`,
    );
  }
  let numbers = linearised(points, coherency);
  for (let step = 0; step < MOST_STEPS; step++) {
    const next = improved(points, numbers);
    const moved = Math.max(...next.map((value, k) => Math.abs(value - at(numbers, k)) / (1e-9 + Math.abs(value))));
    numbers = next;
    if (moved < CONVERGED) break;
  }
  const degreesOfFreedom = points.length - numbers.length;
  const residualStandardError = Math.sqrt(squaresAt(points, numbers) / degreesOfFreedom);
  const jacobian = derivativesAt(points, numbers);
  const errors = inverse(jacobian.transpose().mmul(jacobian))
    .diagonal()
    .map(variance => Math.sqrt(variance) * residualStandardError);
  const t = studentT(0.975, degreesOfFreedom);
  const bound = (side: number) => named(numbers.map((value, k) => Math.max(0, value + side * t * at(errors, k))));
  return {
    law: named(numbers),
    standardErrors: named(errors),
    low: bound(-1),
    high: bound(1),
    residualStandardError,
    degreesOfFreedom,
  };
}

/** The numbers by N ÷ X = a + b (N − 1) + c N (N − 1), within their limits. */
function linearised(points: readonly ScalabilityPoint[], coherency: boolean): Numbers {
  const terms = points.map(({ concurrency: n }) => [1, n - 1, ...(coherency ? [n * (n - 1)] : [])]);
  const effort = Matrix.columnVector(points.map(({ concurrency, throughput }) => concurrency / throughput));
  const [a = 0, ...others] = solve(new Matrix(terms), effort, true).getColumn(0);
  // Noise may bend the line below 0, where it means nothing: the fastest of the points is then nearest to γ.
  const one = a > 0 ? 1 / a : Math.max(...points.map(({ concurrency, throughput }) => throughput / concurrency));
  return [one, ...others.map(value => Math.max(0, value * one))];
}

/** One Gauss–Newton step within the limits, shortened until it improves the fit. */
function improved(points: readonly ScalabilityPoint[], numbers: Numbers): Numbers {
  const jacobian = derivativesAt(points, numbers);
  const residuals = residualsAt(points, numbers);
  const target = jacobian.mmul(Matrix.columnVector([...numbers])).add(Matrix.columnVector(residuals));
  const best = boundedSolution(jacobian, target);
  const squares = squaresAt(points, numbers);
  for (let part = 1, halving = 0; halving < MOST_HALVINGS; part /= 2, halving++) {
    const next = numbers.map((value, k) => value + part * (at(best, k) - value));
    if (squaresAt(points, next) <= squares) return next;
  }
  return numbers;
}

/** Least squares of a linear problem where all numbers but the first are at least 0: the best of all ways to hold some at 0. */
function boundedSolution(jacobian: Matrix, target: Matrix): Numbers {
  const all = [...Array(jacobian.columns).keys()];
  let best = { squares: Number.POSITIVE_INFINITY, numbers: all.map(() => 0) };
  for (let held = 0; held < 2 ** (all.length - 1); held++) {
    const free = all.filter(k => k === 0 || ((held >> (k - 1)) & 1) === 0);
    const columns = jacobian.subMatrixColumn(free);
    const found = solve(columns, target, true);
    const squares = Matrix.sub(target, columns.mmul(found)).norm() ** 2;
    const numbers = all.map(k => (free.includes(k) ? found.get(free.indexOf(k), 0) : 0));
    if (squares < best.squares && numbers.slice(1).every(value => value >= 0)) best = { squares, numbers };
  }
  return best.numbers;
}

/** √w (X − X(N)) of each point. */
function residualsAt(points: readonly ScalabilityPoint[], numbers: Numbers): number[] {
  const law = named(numbers);
  return points.map(
    ({ concurrency, throughput, weight = 1 }) =>
      Math.sqrt(weight) * (throughput - throughputAtConcurrency(law, concurrency)),
  );
}

function squaresAt(points: readonly ScalabilityPoint[], numbers: Numbers): number {
  return residualsAt(points, numbers).reduce((sum, residual) => sum + residual ** 2, 0);
}

/** √w ∂X ÷ ∂(γ, α, β): a row for each point. */
function derivativesAt(points: readonly ScalabilityPoint[], numbers: Numbers): Matrix {
  const law = named(numbers);
  const rows = points.map(({ concurrency: n, weight = 1 }) => {
    const perUnit = (Math.sqrt(weight) * n) / slowdownAt(law, n);
    const slope = (-law.throughputOfOne * perUnit) / slowdownAt(law, n);
    return [perUnit, slope * (n - 1), slope * n * (n - 1)].slice(0, numbers.length);
  });
  return new Matrix(rows);
}

function named([throughputOfOne = Number.NaN, contention = 0, coherency = 0]: Numbers): UniversalScalability {
  return { throughputOfOne, contention, coherency };
}

function at(values: Numbers, k: number): number {
  return values[k] ?? Number.NaN;
}
