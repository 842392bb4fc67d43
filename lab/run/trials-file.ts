import { isUtf8 } from 'node:buffer';
import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { z } from 'zod';
import { LoadlineError } from '../../model/errors.ts';
import type { Cell, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { Topology } from '../../model/topology.ts';
import { keyOf, problemsOf } from '../experiment/file-problem.ts';
import type { Runtime } from './runtime.ts';
import { headerLine, trialsLine, upgradedFrom2 } from './trials-schema.ts';

/** The first line of a trials file: everything that is needed to repeat what follows. */
export interface TrialsHeader {
  readonly experiment: Experiment;
  readonly runtime: Runtime['name'];
  readonly environment: Readonly<Record<string, unknown>>;
}

/** That a run was resumed: with which budget, and what around it was not as before (was, is). */
export interface Resumption {
  readonly budget: Seconds;
  readonly changes: Readonly<Record<string, readonly unknown[]>>;
}

/** What a trials file holds; the budget of the experiment is the last that it was given. */
export interface TrialsRecord extends TrialsHeader {
  /** The version of what stands in the file. */
  readonly schema: number;
  readonly results: readonly TrialResult[];
  readonly resumptions: readonly Resumption[];
  /** Whether the search came to its end: there is nothing left to measure. */
  readonly ended: boolean;
  /** Whether the last line was cut in half, and left out: its trial was being written when the run ended. */
  readonly cutOff: boolean;
}

/** What a line after the first may be. */
type TrialsLine = TrialResult | ({ readonly state: 'resumed' } & Resumption) | { readonly state: 'ended' };

/** A trials file that is being written: a header, then a line a result; what is there is never changed. */
export class TrialsFile implements Disposable {
  readonly #descriptor: number;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Makes the file, which must not be there yet. */
  static create(path: string, header: TrialsHeader): TrialsFile {
    const file = new TrialsFile(opened(path, 'ax'));
    file.#write({ schema: SCHEMA, ...header });
    return file;
  }

  /** Goes on behind the last whole line of a file; what follows it was cut in half, and goes. */
  static resume(path: string, resumption: Resumption): TrialsFile {
    const file = TrialsFile.#reopened(path);
    file.#write({ state: 'resumed', ...resumption });
    return file;
  }

  /** Notes in a file that all is measured which was to be. */
  static end(path: string): void {
    using file = TrialsFile.#reopened(path);
    file.#write({ state: 'ended' });
  }

  static #reopened(path: string): TrialsFile {
    const whole = readFileSync(path).lastIndexOf('\n') + 1;
    const descriptor = opened(path, 'a');
    ftruncateSync(descriptor, whole);
    return new TrialsFile(descriptor);
  }

  /** Adds a result; when it returns the result is on disk. */
  append(result: TrialResult): void {
    this.#write(result);
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  #write(line: object): void {
    const bytes = Buffer.from(`${jsonText(line)}\n`);
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor, bytes, written);
    fsyncSync(this.#descriptor);
  }
}

function opened(path: string, how: 'a' | 'ax'): number {
  try {
    return openSync(path, how);
  } catch (cause) {
    throw new LoadlineError('folder-unwritable', `Results go to ${path}, which cannot be written: ${String(cause)}`, {
      cause,
    });
  }
}

/** Everything that a trials file holds; a last line that was cut in half is left out. */
export function readTrials(path: string): TrialsRecord {
  const text = textOf(path);
  const lines = text.split('\n');
  // What follows the last line break: nothing, or a line that was cut in half.
  const cutOff = lines.pop() !== '';
  const [first, ...rest] = lines;
  if (first === undefined) {
    throw new LoadlineError(
      'results-unreadable',
      `The results file ${path} has no header: it is ${text === '' ? 'empty' : 'cut off in line 1'}. Nothing was measured yet; measure again.`,
    );
  }
  const { schema, experiment, runtime, environment } = readHeader<TrialsHeader & { schema: number }>(
    first,
    headerLine,
    path,
  );
  const results: TrialResult[] = [];
  const resumptions: Resumption[] = [];
  const seen = new Set<string>();
  let ended = false;
  for (const [index, line] of rest.entries()) {
    const parsed = parsedLine<TrialsLine>(line, trialsLine, path, index + 2);
    ended = parsed.state === 'ended';
    if ('trial' in parsed && seen.has(parsed.trial.id)) {
      const message = `The results file ${path} has the trial ${parsed.trial.id} a second time in line ${index + 2}: take that line out.`;
      throw new LoadlineError('results-unreadable', message);
    }
    if (parsed.state === 'resumed') resumptions.push({ budget: parsed.budget, changes: parsed.changes });
    else if (parsed.state !== 'ended') {
      seen.add(parsed.trial.id);
      results.push({ ...parsed, trial: describeTopologies(parsed.trial, experiment.topologies, path, index + 2) });
    }
  }
  const budget = resumptions.at(-1)?.budget ?? experiment.budget;
  return { schema, experiment: { ...experiment, budget }, runtime, environment, results, resumptions, ended, cutOff };
}

function textOf(path: string): string {
  const bytes = bytesOf(path);
  // What follows the last line break may have been cut in half in the middle of a character.
  for (let line = 1, start = 0, end = 0; end >= 0; line++, start = end + 1) {
    end = bytes.indexOf('\n', start);
    if (end >= 0 && !isUtf8(bytes.subarray(start, end))) {
      const message = `The results file ${path} is damaged in line ${line}: it is not text`;
      throw new LoadlineError('results-unreadable', message);
    }
  }
  return bytes.toString();
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const isFolder = cause instanceof Error && 'code' in cause && cause.code === 'EISDIR';
    const why = isFolder ? 'it is a folder; give the trials.jsonl in it' : String(cause);
    throw new LoadlineError('results-unreadable', `The results file ${path} cannot be read: ${why}`, { cause });
  }
}

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
