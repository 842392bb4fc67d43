import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import {
  curveProblem,
  derivativesAt,
  type LeastSquaresOptions,
  type Model,
  type Point,
  squaresAt,
} from './curve-problem.ts';
import { bestParameters } from './curve-search.ts';

/** A fitted curve, and how certain its parameters are. */
export interface Fit {
  readonly parameters: readonly number[];
  /** One deviation of each parameter, in its unit; of one that ended at its limit, as if it were free. */
  readonly standardErrors: readonly number[];
  /** s, in the unit of y (times √w). */
  readonly residualStandardError: number;
  /** Points less parameters. */
  readonly degreesOfFreedom: number;
}

/**
 * The parameters p that fit a model f to points best, by non-linear least squares (Levenberg and Marquardt).
 *
 *   minimise Σ w (y − f(x; p))²        s² = Σ w (y − f)² ÷ (n − k)        cov(p) = s² (Jᵀ W J)⁻¹
 *
 * n: points. k: parameters. J: the derivatives of f by p at the points, as central differences. W: the weights. `start` is
 * where the search begins.
 *
 * Source: D. M. Bates, D. G. Watts, Nonlinear Regression Analysis and Its Applications, 1988, chapter 2. Assumes independent
 * errors of variance proportional to 1 ÷ w; errors of parameters are those of the model made linear at the optimum.
 * Refuses fewer points than k + 1, what is not finite, points that leave a parameter undetermined, and a search that
 * ended anywhere but at a minimum.
 */
export function leastSquares(
  points: readonly Point[],
  model: Model,
  start: readonly number[],
  options: LeastSquaresOptions = {},
): Fit {
  const problem = curveProblem(points, model, start, options);
  const parameters = bestParameters(problem);
  const degreesOfFreedom = points.length - start.length;
  const residualStandardError = Math.sqrt(squaresAt(problem, parameters) / degreesOfFreedom);
  const errors = unscaledErrors(derivativesAt(problem, parameters));
  return {
    parameters,
    standardErrors: errors.map(error => error * residualStandardError),
    residualStandardError,
    degreesOfFreedom,
  };
}

/** √ of the diagonal of (Jᵀ J)⁻¹, by the singular values of J with its columns made equally long. */
function unscaledErrors(derivatives: number[][]): number[] {
  const matrix = new Matrix(derivatives);
  const lengths = Array.from({ length: matrix.columns }, (_, k) => Math.hypot(...matrix.getColumn(k)));
  const { diagonal, rightSingularVectors } = new SingularValueDecomposition(
    matrix.divRowVector(lengths.map(length => length || 1)),
  );
  if (!(Math.min(...lengths) > 0) || !(Math.min(...diagonal) > 1e-8 * Math.max(...diagonal))) {
    throw new RangeError('the points do not determine every parameter: more different ones are needed');
  }
  return lengths.map((length, k) => {
    const parts = diagonal.map((singular, j) => rightSingularVectors.get(k, j) / singular);
    return Math.hypot(...parts) / length;
  });
}
