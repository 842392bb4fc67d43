import type { z } from 'zod';
import { closestWord, noneOf } from './closest-word.ts';

/** Something in a file that cannot be, and where. */
export interface FileProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** What a schema does not accept, in our words. */
export function problemsOf(issue: Issue): FileProblem[] {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => ({ path: [...path, key], message: unknownKey(key, issue.message) }));
    case 'invalid_value': {
      const valid = issue.values.map(String);
      if (issue.input === undefined) return [{ path, message: `is missing; it can be ${valid.join(', ')}` }];
      return [{ path, message: noneOf(asTyped(issue.input), valid) }];
    }
    case 'invalid_type':
      return [
        { path, message: `${issue.input === undefined ? 'is missing; it ' : ''}must be ${inWords(issue.expected)}` },
      ];
    case 'invalid_union':
      return unionProblems(issue);
    case 'too_small':
      return [{ path, message: tooSmall(issue) }];
    case 'too_big':
      return [{ path, message: `is too big: at most ${issue.maximum}` }];
    default:
      return [{ path, message: issue.message }];
  }
}

/** A path as a person writes it: `workloads[0].requests[1].route`. */
export function keyOf(path: readonly PropertyKey[]): string {
  const key = path.map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return key === '' ? 'the file' : key.replace(/^\./, '');
}

/** What YAML calls a type of JavaScript. */
const words: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  string: 'a text',
  array: 'a list',
  object: 'keys with values',
  record: 'keys with values',
};

function inWords(type: string): string {
  return words[type] ?? type;
}

/** `valid`: the keys that there are, as the schema's own message lists them. */
function unknownKey(key: string, valid: string): string {
  const meant = closestWord(key, valid.split(', '));
  return meant === undefined
    ? `is not known; there are ${valid}`
    : `is not known; did you mean "${meant}"? There are ${valid}`;
}

function tooSmall({ origin, inclusive, minimum }: Extract<Issue, { code: 'too_small' }>): string {
  if (origin === 'array') return `has too few entries: at least ${minimum}`;
  return `is too small: ${inclusive === false ? 'more than' : 'at least'} ${minimum}`;
}

/** What is wrong with the alternative that was probably meant: the one with the fewest problems, of those of its kind. */
function unionProblems({ path, errors, input, message }: Extract<Issue, { code: 'invalid_union' }>): FileProblem[] {
  if (input === undefined) return [{ path, message: `is missing; it ${message}` }];
  const alternatives = errors
    .filter(issues => !issues.some(isOfAnotherKind))
    .map(issues => issues.flatMap(problemsOf))
    .sort((a, b) => a.length - b.length);
  const closest = alternatives[0] ?? [{ path: [], message }];
  return closest.map(problem => ({ ...problem, path: [...path, ...problem.path] }));
}

function isOfAnotherKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_value') return !issue.values.some(value => typeof value === typeof issue.input);
  // 1.5 where a whole number belongs is a number all the same.
  return issue.code === 'invalid_type' && !(issue.expected === 'int' && typeof issue.input === 'number');
}

function asTyped(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
