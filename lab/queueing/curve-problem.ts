/** One observation. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** From parameters to the curve that they make. */
export type Model = (parameters: readonly number[]) => (x: number) => number;

export interface LeastSquaresOptions {
  /** The least and the largest that each parameter may be. */
  readonly minimum?: readonly number[];
  readonly maximum?: readonly number[];
  /** What the square of each residual counts; 1 unless given. 1 ÷ σ² makes all of them equally certain. */
  readonly weights?: readonly number[];
}

/** A curve that is to be fitted: its weighted residuals and derivatives, at any parameters. */
export interface CurveProblem {
  readonly points: readonly Point[];
  readonly model: Model;
  /** Within the limits. */
  readonly start: readonly number[];
  readonly least: readonly number[];
  readonly most: readonly number[];
  /** √w */
  readonly roots: readonly number[];
  /** How far each parameter moves for its derivatives. */
  readonly steps: readonly number[];
  /** The size of y: its weighted root mean square. */
  readonly height: number;
}

/** Puts a problem together; refuses what least-squares.ts says that it refuses of points and start. */
export function curveProblem(
  points: readonly Point[],
  model: Model,
  first: readonly number[],
  { minimum, maximum, weights }: LeastSquaresOptions,
): CurveProblem {
  const least = minimum ?? first.map(() => -Infinity);
  const most = maximum ?? first.map(() => Infinity);
  const given = weights ?? points.map(() => 1);
  refuse(points, first, { least, most, given });
  const height = Math.sqrt(points.reduce((sum, { y }, i) => sum + (given[i] ?? 0) * y ** 2, 0) / points.length) || 1;
  const start = first.map((value, k) => Math.min(Math.max(value, least[k] ?? value), most[k] ?? value));
  const guess = start.map(value => STEP * (Math.abs(value) || 1));
  const problem = { points, model, start, least, most, roots: given.map(Math.sqrt), steps: guess, height };
  if (!residualsAt(problem, start).every(Number.isFinite)) {
    throw new RangeError(`with its start ${start.join(', ')} the model has no value at some point`);
  }
  return { ...problem, steps: unitsAt(problem, start).map(unit => STEP * unit) };
}

/** Against the size of a parameter: far enough to see past rounding, near enough for a straight line. */
const STEP = 1e-6;

/** The size of each parameter: the change that changes the curve by as much as the points are high. */
export function unitsAt(problem: CurveProblem, parameters: readonly number[]): number[] {
  const derivatives = derivativesAt(problem, parameters);
  const whole = problem.height * Math.sqrt(problem.points.length);
  return parameters.map((value, k) => {
    const unit = whole / Math.hypot(...derivatives.map(row => row[k] ?? 0));
    return unit > 0 && unit < Infinity ? unit : Math.abs(value) || 1;
  });
}

/** √w (y − f) of each point. */
export function residualsAt({ points, model, roots }: CurveProblem, parameters: readonly number[]): number[] {
  const curve = model(parameters);
  return points.map(({ x, y }, i) => (roots[i] ?? 0) * (y - curve(x)));
}

/** Σ w (y − f)². */
export function squaresAt(problem: CurveProblem, parameters: readonly number[]): number {
  return residualsAt(problem, parameters).reduce((sum, residual) => sum + residual ** 2, 0);
}

/** √w ∂f ÷ ∂p: a row for each point. */
export function derivativesAt(problem: CurveProblem, parameters: readonly number[]): number[][] {
  return problem.points.map(({ x }, i) =>
    slopesAt(problem, parameters, x).map(slope => (problem.roots[i] ?? 0) * slope),
  );
}

/** ∂f ÷ ∂p at one x, by central differences. */
export function slopesAt(
  { model, steps, least, most }: CurveProblem,
  parameters: readonly number[],
  x: number,
): number[] {
  return parameters.map((value, k) => {
    const step = Math.max(steps[k] ?? 0, 1e-9 * Math.abs(value));
    // A model may mean nothing beyond the limits of its parameters.
    const low = Math.max(value - step, least[k] ?? value);
    const high = Math.min(value + step, most[k] ?? value);
    return (model(parameters.with(k, high))(x) - model(parameters.with(k, low))(x)) / (high - low);
  });
}

/**
 * The cosine of the angle between the residuals and the derivative by parameter k: 0 at a minimum, above it where a larger
 * parameter would fit better.
 */
export function alignment(problem: CurveProblem, parameters: readonly number[], k: number): number {
  const residuals = residualsAt(problem, parameters);
  const slopes = derivativesAt(problem, parameters).map(row => row[k] ?? 0);
  const size = Math.hypot(...residuals);
  // What is left of an exact fit is rounding, which points anywhere.
  if (size <= 1e-9 * problem.height * Math.sqrt(residuals.length)) return 0;
  const product = residuals.reduce((sum, residual, i) => sum + residual * (slopes[i] ?? 0), 0);
  return product === 0 ? 0 : product / (size * Math.hypot(...slopes));
}

function refuse(
  points: readonly Point[],
  start: readonly number[],
  { least, most, given }: { least: readonly number[]; most: readonly number[]; given: readonly number[] },
): void {
  if (start.length === 0 || points.length < start.length + 1) {
    throw new RangeError(`${start.length} parameters need at least ${start.length + 1} points: ${points.length}`);
  }
  if (given.length !== points.length || least.length !== start.length || most.length !== start.length) {
    throw new RangeError('there has to be a weight for each point, and a limit for each parameter');
  }
  const wrong = [...points.flatMap(({ x, y }) => [x, y]), ...start].find(value => !Number.isFinite(value));
  if (wrong !== undefined) throw new RangeError(`points and start have to be finite numbers: ${wrong}`);
  const weight = given.find(value => !(value > 0 && value < Infinity));
  if (weight !== undefined) throw new RangeError(`a weight has to be a number above 0: ${weight}`);
  if (!least.every((value, k) => value < (most[k] ?? Number.NaN))) {
    throw new RangeError('the least value of each parameter has to be below the largest');
  }
}
