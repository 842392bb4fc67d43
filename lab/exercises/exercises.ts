import type { Deployment } from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import type { Measurement, TrialResult } from '../../model/measurement.ts';
import { inUnit } from './answer.ts';
import type { Agreement, Exercise, MeasurementSummary, NamedFigure, NothingToMeasure, Solution } from './exercise.ts';
import texts from './exercises.json' with { type: 'json' };
import { measuredSolutions } from './measured-solutions.ts';
import { queueSolutions } from './queue-solutions.ts';
import type { TrialFacts } from './trial-facts.ts';

/** The texts of an exercise, with figures of its solution in braces. */
interface ExerciseText extends Pick<Exercise, 'number' | 'name' | 'title' | 'unit' | 'hints'> {
  readonly question: readonly string[];
  readonly given: Readonly<Record<string, string>>;
  readonly steps: readonly string[];
  /** What was probably forgotten, by the figure that the wrong answer equals. */
  readonly mistakes: Readonly<Record<string, string>>;
  /** File by name. */
  readonly models: Readonly<Record<string, string>>;
  readonly measurement: (MeasurementSummary & { readonly said: readonly string[] }) | NothingToMeasure;
}

const solutions: Readonly<Record<string, (facts: TrialFacts) => Solution>> = {
  ...queueSolutions,
  ...measuredSolutions,
};

/** All exercises, the easiest first. */
export const exercises: readonly Exercise[] = (texts as unknown as readonly ExerciseText[]).map(prepareExercise);

function prepareExercise(text: ExerciseText): Exercise {
  const { number, name, title, unit, hints, measurement } = text;
  const known = new WeakMap<TrialFacts, Solution>();
  const solve = (facts: TrialFacts): Solution => {
    const solution = known.get(facts) ?? solutions[name]?.(facts);
    if (solution === undefined) throw new RangeError(`${name} has no solution`);
    known.set(facts, solution);
    return solution;
  };
  const fill = (facts: TrialFacts, lines: readonly string[]): string[] => {
    const { value, figures } = solve(facts);
    return lines.flatMap(line => fillFigures(line, { value: { value, unit }, ...figures }));
  };
  return {
    ...{ number, name, title, unit, hints },
    asked: facts => ({
      question: fill(facts, text.question),
      given: Object.entries(text.given).map(pair => {
        const [what = '', value = ''] = fill(facts, pair);
        return { what, value };
      }),
    }),
    answer: facts => {
      const { value, tolerance = 0, accepted } = solve(facts);
      return {
        ...{ value, tolerance, steps: fill(facts, text.steps), mistakes: findMistakes(text, solve(facts)) },
        ...(accepted && { accepted }),
        models: Object.entries(text.models).map(([name, file]) => ({ name, file })),
      };
    },
    measurement:
      'nothing' in measurement
        ? measurement
        : {
            ...measurement,
            experiment: facts => {
              const { workload = facts.waits, read: _, mustSucceed: __, ...rest } = requireMeasure(solve(facts), name);
              const deployments = rest.deployments.map((one, index) => ({ name: `size-${index + 1}`, ...one }));
              return { ...rest, deployments, workloads: [workload] };
            },
            read: (results, facts) => readMeasurement(results, solve(facts), text, measurement.said),
          },
  };
}

/** The line with its figures; several lines if a figure is a list, none if it is undefined. */
function fillFigures(line: string, figures: Solution['figures']): string[] {
  const [, name = ''] = /^\{(\w+)\}$/.exec(line) ?? [];
  const alone = figures[name];
  if (name in figures && typeof alone === 'undefined') return [];
  if (Array.isArray(alone)) return alone.map(String);
  return [
    line.replace(/\{(\w+)\}/g, (_, key: string) => {
      const figure = figures[key];
      if (figure === undefined || Array.isArray(figure)) throw new RangeError(`${key} is no figure of: ${line}`);
      return showFigure(figure as NamedFigure);
    }),
  ];
}

function showFigure(figure: NamedFigure): string {
  return typeof figure === 'object' ? inUnit(figure.value, figure.unit) : `${figure}`;
}

/** Wrong answers with their hints: no right answer, and each value once. */
function findMistakes({ mistakes }: ExerciseText, { value, accepted = [value], figures }: Solution) {
  const hints = new Map<number, string>();
  for (const [name, hint] of Object.entries(mistakes)) {
    for (const figure of [figures[name]].flat()) {
      const wrong = typeof figure === 'object' ? figure.value : figure;
      if (typeof wrong !== 'number' || accepted.includes(wrong) || hints.has(wrong)) continue;
      hints.set(wrong, fillFigures(hint, figures).join(' '));
    }
  }
  return [...hints].map(([value, hint]) => ({ value, hint }));
}

function requireMeasure({ measure }: Solution, name: string) {
  if (measure === undefined) throw new RangeError(`${name} says what it measures, but not how`);
  return measure;
}

function readMeasurement(
  results: readonly TrialResult[],
  solution: Solution,
  { name, unit }: ExerciseText,
  said: readonly string[],
): Agreement {
  const { deployments, loads, mustSucceed, read } = requireMeasure(solution, name);
  const measurements = deployments.flatMap(deployment =>
    loads.map(load => findMeasurement(results, deployment, typeof load === 'number' ? load : undefined)),
  );
  const { value } = solution;
  const { figures, ...found } = read(measurements as [Measurement, ...Measurement[]]);
  const { measured, agrees } =
    'agrees' in found
      ? { measured: undefined, agrees: found.agrees }
      : { measured: { value: found.measured, unit }, agrees: Math.abs(found.measured / value - 1) <= found.within };
  const all = { ...solution.figures, value: { value, unit }, measured, ...figures };
  const trouble = describeFailures(measurements.slice(0, mustSucceed));
  return {
    agrees: agrees && trouble.length === 0,
    sentences: [...said.flatMap(line => fillFigures(line, all)), ...trouble],
  };
}

/** The measurement of a trial; throws an error that says why there is none. */
function findMeasurement(
  results: readonly TrialResult[],
  meant: Partial<Deployment>,
  arrivalRate?: number,
): Measurement {
  const own = results.filter(
    ({ trial: { cell, load } }) =>
      Object.entries(meant).every(([key, value]) => cell.deployment[key as keyof Deployment] === value) &&
      (arrivalRate === undefined || (load.model === 'open' && load.arrivalRate === arrivalRate)),
  );
  for (const result of own) if (result.state === 'completed') return result.measurement;
  const last = own.at(-1);
  let why = 'there was no time for it';
  if (last?.state === 'failed') why = last.error.message;
  if (last?.state === 'invalid') why = `the trial is invalid (${last.reason.kind})`;
  const message = `The exercise needs a trial of ${meant.topology} that was not completed: ${why}. Stop other programs and try again.`;
  throw new LoadlineError('nothing-measured', message);
}

/** Sentences about requests that failed or were not answered: with them a measurement confirms nothing. */
function describeFailures(measurements: readonly Measurement[]): string[] {
  const failed = measurements.reduce((sum, { errors: { timeout, ...others }, neverAnswered }) => {
    // An unanswered request counts as a timeout too once its client gives up.
    return Object.values(others).reduce((all, count) => all + count, sum + Math.max(timeout, neverAnswered));
  }, 0);
  return [
    ...(failed > 0 ? [`Requests that failed or were never answered: ${failed}. So nothing is shown.`] : []),
    ...(measurements.some(({ responseTime }) => responseTime.count === 0)
      ? ['Not a single request was answered: nothing is shown.']
      : []),
  ];
}
