import type { z } from 'zod';
import { LoadlineError } from '../../model/errors.ts';
import { keyOf, problemsOf } from '../experiment/problem.ts';

/** The version of what stands in trials files; 2: a measurement says what every resource did. */
export const SCHEMA = 2;

/** Problems of one line that are told; of a file that is something else altogether there are dozens. */
const MOST_TOLD = 3;

/** The text of a line, on one line. */
export function jsonText(line: object): string {
  return JSON.stringify(line, withoutLoss);
}

/** What a line says, checked by its schema as deep as anything reads it. */
export function parsedLine<T>(line: string, schema: z.ZodType, path: string, number: number): T {
  const value = jsonOf(line, path, number);
  const { success, error } = schema.safeParse(value, { reportInput: true });
  if (success) return value as T;
  const problems = error.issues.flatMap(problemsOf);
  const told = problems.slice(0, MOST_TOLD).map(problem => `${keyOf(problem.path)} ${problem.message}`);
  if (problems.length > told.length) told.push(`and ${problems.length - told.length} more`);
  throw damaged(path, number, told.join('; '));
}

/** Refuses the first line of a file that another version of Loadline wrote, in one sentence instead of dozens. */
export function requireKnownSchema(line: string, path: string): void {
  const value = jsonOf(line, path, 1);
  const schema: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'schema') : undefined;
  if (typeof schema !== 'number' || schema === SCHEMA) return;
  const [by, instead] =
    schema > SCHEMA
      ? ['a newer Loadline', 'update Loadline (git pull), then try again']
      : ['an older Loadline', 'measure again, or read it with the version that its line 1 names'];
  throw new LoadlineError(
    'results-unreadable',
    `The results file ${path} was written by ${by}: line 1 says schema ${schema}, and this one reads ${SCHEMA}. To go on, ${instead}.`,
  );
}

function jsonOf(line: string, path: string, number: number): unknown {
  if (line.includes('\0')) throw damaged(path, number, 'it is not text');
  if (line.trim() === '') throw damaged(path, number, 'it is empty');
  try {
    return JSON.parse(line, restored);
  } catch (cause) {
    throw damaged(path, number, `it is not JSON: ${String(cause)}`, cause);
  }
}

function damaged(path: string, number: number, what: string, cause?: unknown): LoadlineError {
  return new LoadlineError('results-unreadable', `The results file ${path} is damaged in line ${number}: ${what}`, {
    cause,
  });
}

const beyondJson = new Map<unknown, number>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/** JSON would make `null` of them, and a table made from the file would differ from the one that was printed. */
function withoutLoss(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function restored(_key: string, value: unknown): unknown {
  return beyondJson.get(value) ?? value;
}
