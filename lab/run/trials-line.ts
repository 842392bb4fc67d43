import type { z } from 'zod';
import { LoadlineError } from '../../model/errors.ts';
import type { Cell, Experiment } from '../../model/experiment.ts';
import type { Topology } from '../../model/topology.ts';
import { keyOf, problemsOf } from '../experiment/file-problem.ts';
import { upgradedFrom2 } from './schema-2.ts';

/** The version of what stands in trials files. 2: a measurement says what every resource did. 3: line 1 describes the topologies. */
export const SCHEMA = 3;
/** The oldest version that is still read. */
const OLDEST = 2;

/** Problems of one line that are told; of a file that is something else altogether there are dozens. */
const MOST_TOLD = 3;

/** The text of a line, on one line. What a topology is stands in line 1 alone. */
export function jsonText(line: object): string {
  return JSON.stringify(line, (key, value) => (key === 'spec' ? undefined : withoutLoss(value)));
}

/** Gives each deployment of a line what line 1 says of its topology. */
export function describeTopologies<Cells extends { readonly cell: Cell } | { readonly cells: readonly Cell[] }>(
  holder: Cells,
  topologies: readonly Topology[],
  path: string,
  number: number,
): Cells {
  const described = (cell: Cell): Cell => {
    const spec = topologies.find(({ name }) => name === cell.deployment.topology);
    if (spec === undefined)
      throw damaged(path, number, `it has the topology ${cell.deployment.topology}, which line 1 does not describe`);
    return { ...cell, deployment: { ...cell.deployment, spec } };
  };
  return 'cell' in holder
    ? { ...holder, cell: described(holder.cell) }
    : { ...holder, cells: holder.cells.map(described) };
}

/** What a line says, checked by its schema as deep as anything reads it. */
export function parsedLine<T>(line: string, schema: z.ZodType, path: string, number: number): T {
  return checked<T>(jsonOf(line, path, number), schema, path, number);
}

function checked<T>(value: unknown, schema: z.ZodType, path: string, number: number): T {
  const { success, error } = schema.safeParse(value, { reportInput: true });
  if (success) return value as T;
  const problems = error.issues.flatMap(problemsOf);
  const told = problems.slice(0, MOST_TOLD).map(problem => `${keyOf(problem.path)} ${problem.message}`);
  if (problems.length > told.length) told.push(`and ${problems.length - told.length} more`);
  throw damaged(path, number, told.join('; '));
}

/**
 * The first line of a file with its experiment, raised to this schema. Refuses that of a newer Loadline, or of one that is
 * too old, in one sentence instead of dozens.
 */
export function readHeader<Header extends { readonly experiment: Experiment }>(
  line: string,
  shape: z.ZodType,
  path: string,
): Header {
  const value = jsonOf(line, path, 1);
  const schema: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'schema') : undefined;
  if (typeof schema === 'number' && (schema < OLDEST || schema > SCHEMA)) throw otherVersion(schema, path);
  const header = checked<Header>(schema === 2 ? upgradedFrom2(value) : value, shape, path, 1);
  return { ...header, experiment: describeTopologies(header.experiment, header.experiment.topologies, path, 1) };
}

function otherVersion(schema: number, path: string): LoadlineError {
  const [by, instead] =
    schema > SCHEMA
      ? ['a newer Loadline', 'update Loadline (git pull), then try again']
      : ['an older Loadline', 'measure again, or read it with the version that its line 1 names'];
  return new LoadlineError(
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
function withoutLoss(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function restored(_key: string, value: unknown): unknown {
  return beyondJson.get(value) ?? value;
}
