import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { LoadlineError } from '../../model/errors.ts';

/** Something in a file that is invalid, and where. */
export interface FileProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** Says in our words what a schema does not accept. */
export function describeProblems(issue: Issue): FileProblem[] {
  const { path, input } = issue;
  const at = (message: string) => [{ path, message: `${input === undefined ? 'is missing; it ' : ''}${message}` }];
  switch (issue.code) {
    case 'unrecognized_keys':
      // The message lists the keys that there are.
      return issue.keys.map(key => ({ path: [...path, key], message: describeUnknownKey(key, issue.message) }));
    case 'invalid_value': {
      const valid = issue.values.map(String);
      return at(input === undefined ? `can be ${valid.join(', ')}` : rejectWord(asTyped(input), valid));
    }
    case 'invalid_type':
      return at(`must be ${yamlTypes[issue.expected] ?? issue.expected}`);
    case 'invalid_union':
      return input === undefined ? at(issue.message) : findUnionProblems(issue);
    case 'too_small':
      if (issue.origin === 'array') return [{ path, message: `has too few entries: at least ${issue.minimum}` }];
      return [
        { path, message: `is too small: ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}` },
      ];
    case 'too_big':
      return [{ path, message: `is too big: at most ${issue.maximum}` }];
    default:
      return [{ path, message: issue.message }];
  }
}

/** A path as one writes it: `workloads[0].requests[1].route`. */
export function writeKey(path: readonly PropertyKey[]): string {
  const key = path.map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return key === '' ? 'the file' : key.replace(/^\./, '');
}

/** What YAML calls a type of JavaScript. */
const yamlTypes: Readonly<Record<string, string>> = {
  ...{ int: 'a whole number', number: 'a number', boolean: 'true or false', string: 'a text' },
  ...{ array: 'a list', object: 'keys with values', record: 'keys with values' },
};

function describeUnknownKey(key: string, valid: string): string {
  const meant = closestWord(key, valid.split(', '));
  const hint = meant === undefined ? 'there are' : `did you mean "${meant}"? There are`;
  return `is not known; ${hint} ${valid}`;
}

/** What is wrong with the alternative that was probably meant: of those of its kind, the one with the fewest problems. */
function findUnionProblems({ path, errors, message }: Extract<Issue, { code: 'invalid_union' }>): FileProblem[] {
  const alternatives = errors
    .filter(issues => !issues.some(isOfAnotherKind))
    .map(issues => issues.flatMap(describeProblems))
    .sort((a, b) => a.length - b.length);
  const closest = alternatives[0] ?? [{ path: [], message }];
  return closest.map(problem => ({ ...problem, path: [...path, ...problem.path] }));
}

function isOfAnotherKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_value') return !issue.values.some(value => typeof value === typeof issue.input);
  // 1.5 instead of a whole number is a number all the same.
  return issue.code === 'invalid_type' && !(issue.expected === 'int' && typeof issue.input === 'number');
}

function asTyped(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Finds the word that `typed` was probably meant to be, at most two letters away. */
export function closestWord(typed: string, words: readonly string[]): string | undefined {
  const distances = words.map(word => ({ word, edits: editDistance(typed.toLowerCase(), word.toLowerCase()) }));
  const [closest] = distances
    .filter(({ word, edits }) => edits < 3 && edits < word.length)
    .sort((a, b) => a.edits - b.edits);
  return closest?.word;
}

/** Says what was typed instead of one of `valid`, and what was probably meant. */
export function rejectWord(typed: string, valid: readonly string[]): string {
  const meant = closestWord(typed, valid);
  const list = valid.length === 0 ? 'nothing, since there are none' : valid.join(', ');
  return meant === undefined
    ? `is "${typed}"; it can be ${list}`
    : `is "${typed}"; did you mean "${meant}"? It can be ${list}`;
}

/** Levenshtein's distance: letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** A sentence about a place in a text. */
interface Remark {
  readonly offset: number;
  readonly sentence: string;
}

/** A YAML text as a value, and the places of its parts. */
export interface YamlText {
  readonly value: unknown;
  /** Keys that are twice in one object; YAML would take the later one. */
  readonly duplicateKeys: readonly Remark[];
  /** Where a key is or, if it is not in the text, the nearest object that should hold it. */
  offsetOf(path: readonly PropertyKey[]): number;
  /** `line:column` */
  placeOf(offset: number): string;
}

/** Reads a YAML text; refuses what is not YAML, with all places. `file`: the name that errors give. */
export function readYaml(text: string, file: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${line}:${col}`;
  };
  const unreadable = (message: string, cause: unknown) =>
    new LoadlineError('experiment-unreadable', message, { cause });
  if (document.errors.length > 0) {
    const sentences = document.errors.map(({ pos, message }) => `${file}:${placeOf(pos[0])} is not YAML: ${message}`);
    throw unreadable(sentences.join('\n'), document.errors[0]);
  }
  try {
    const duplicateKeys = findDuplicateKeys(document, placeOf);
    return { value: document.toJS(), duplicateKeys, offsetOf: path => findOffset(document, path), placeOf };
  } catch (cause) {
    // An alias of nothing, or one that grows without end.
    const message = cause instanceof Error ? cause.message : String(cause);
    throw unreadable(`${file} is not YAML that can be used: ${message}`, cause);
  }
}

function findOffset(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const holder = document.getIn(path.slice(0, depth - 1), true);
    const last = path[depth - 1];
    const pair = isMap(holder) ? holder.items.find(({ key }) => isScalar(key) && key.value === last) : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function findDuplicateKeys(document: Document.Parsed, placeOf: (offset: number) => string): Remark[] {
  const remarks: Remark[] = [];
  visit(document, {
    Map(_key, { items }) {
      const first = new Map<unknown, number>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const offset = key.range?.[0] ?? 0;
        const earlier = first.get(key.value);
        if (earlier === undefined) first.set(key.value, offset);
        else remarks.push({ offset, sentence: `${key.value} is at ${placeOf(earlier)} already: remove one of them` });
      }
    },
  });
  return remarks;
}
