import { levenbergMarquardt } from 'ml-levenberg-marquardt';
import { alignment, type CurveProblem, slopesAt, squaresAt, unitsAt } from './curve-problem.ts';

/**
 * The parameters at which a curve is nearest to its points, within their limits; a RangeError where no minimum is found.
 *
 * The library cuts a step short at a limit, which misleads the other parameters. So they are searched for with none held at
 * its limit, then with one, and so on, until all are where they want to be.
 */
export function bestParameters(problem: CurveProblem): number[] {
  const { start } = problem;
  for (const damping of DAMPINGS) {
    for (const holding of holdingsOf(problem)) {
      const parameters = searched(problem, holding, damping);
      if (isMinimum(problem, parameters, 1e-6)) return parameters;
    }
  }
  throw new RangeError(`no minimum was found from ${start.join(', ')}: another start may lead to one`);
}

/** How the library steps at first: boldly, and if that leads nowhere, with care. */
const DAMPINGS = [0.01, 1, 100];
/** The library does not see when it has arrived: it is asked for a few steps at a time. */
const STEPS = { atATime: 10, times: 30 };

/** All ways to hold parameters at a limit of theirs, the fewest first; `undefined` is free. */
function holdingsOf({ start, least, most }: CurveProblem): (number | undefined)[][] {
  const choices = start.map((_, k) => [undefined, ...[least[k], most[k]].filter(Number.isFinite)]);
  const all = choices.reduce<(number | undefined)[][]>(
    (holdings, values) => holdings.flatMap(holding => values.map(value => [...holding, value])),
    [[]],
  );
  const held = (holding: readonly unknown[]) => holding.filter(value => value !== undefined).length;
  return all.sort((a, b) => held(a) - held(b));
}

function searched(problem: CurveProblem, holding: readonly (number | undefined)[], damping: number): number[] {
  const { start } = problem;
  const free = start.flatMap((_, k) => (holding[k] === undefined ? [k] : []));
  let parameters = start.map((value, k) => holding[k] ?? value);
  for (let time = 0; time < STEPS.times && free.length > 0; time++) {
    const before = parameters;
    parameters = stepped(problem, parameters, free, damping);
    const progress = squaresAt(problem, before) - squaresAt(problem, parameters);
    if (isMinimum(problem, parameters, 1e-10) || progress <= 1e-12 * squaresAt(problem, before)) break;
  }
  return parameters;
}

/**
 * Some steps of the library, which sees the free parameters and y in units of their own size. Weights are made part of y
 * and the model, since it divides residuals by what it multiplies derivatives with.
 */
function stepped(problem: CurveProblem, from: readonly number[], free: readonly number[], damping: number): number[] {
  const { points, model, least, most, roots, height } = problem;
  const units = unitsAt(problem, from);
  const inUnits = (values: readonly number[]) => free.map(k => (values[k] ?? 0) / (units[k] ?? 1));
  const placed = (values: readonly number[]) =>
    free.reduce<number[]>((all, k, i) => all.with(k, (values[i] ?? 0) * (units[k] ?? 1)), [...from]);
  const scale = (i: number) => (roots[i] ?? 0) / height;
  const x = (i: number) => points[i]?.x ?? Number.NaN;
  const { parameterValues } = levenbergMarquardt(
    { x: [...points.keys()], y: points.map(({ y }, i) => y * scale(i)) },
    values => {
      const curve = model(placed(values));
      return i => curve(x(i)) * scale(i);
    },
    {
      initialValues: inUnits(from),
      minValues: inUnits(least),
      maxValues: inUnits(most),
      jacobianFunction: values => {
        const parameters = placed(values);
        return i => {
          const slopes = slopesAt(problem, parameters, x(i));
          return free.map(k => (slopes[k] ?? 0) * (units[k] ?? 1) * scale(i));
        };
      },
      damping,
      maxIterations: STEPS.atATime,
      errorTolerance: 1e-28,
    },
  );
  return placed(parameterValues);
}

/** Whether no parameter wants to move, except beyond a limit at which it is. */
function isMinimum(problem: CurveProblem, parameters: readonly number[], tolerance: number): boolean {
  return parameters.every((value, k) => {
    const better = alignment(problem, parameters, k);
    if (value === problem.least[k] && better < 0) return true;
    if (value === problem.most[k] && better > 0) return true;
    return Math.abs(better) < tolerance;
  });
}
