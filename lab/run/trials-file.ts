import { isUtf8 } from 'node:buffer';
import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { z } from 'zod';
import { LoadlineError } from '../../model/errors.ts';
import type { Cell, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { Topology } from '../../model/topology.ts';
import { describeProblems, writeKey } from '../experiment/problems.ts';
import type { Runtime } from './runtime.ts';
import { headerLine, trialsLine, upgradedFrom2 } from './trials-schema.ts';

/** The version of what trials files hold. 2: a measurement says what every resource did. 3: line 1 describes the topologies. */
export const SCHEMA = 3;
/** The oldest version that is still read. */
const OLDEST = 2;

/** The first line of a trials file: everything that is needed to repeat what follows. */
export interface TrialsHeader {
  readonly experiment: Experiment;
  readonly runtime: Runtime['name'];
  readonly environment: Readonly<Record<string, unknown>>;
}

/** A note that a run was resumed: with which budget, and what in the environment had changed: [was, is]. */
interface Resumption {
  readonly budget: Seconds;
  readonly changes: Readonly<Record<string, readonly unknown[]>>;
}

/** What a trials file holds; the budget of the experiment is the last that it was given. */
export interface TrialsRecord extends TrialsHeader {
  /** The version of the file. */
  readonly schema: number;
  readonly results: readonly TrialResult[];
  readonly resumptions: readonly Resumption[];
  /** Whether the run came to its end: there is nothing left to measure. */
  readonly ended: boolean;
  /** Whether the last line was cut in half, and left out: the run ended while it was written. */
  readonly cutOff: boolean;
}

type TrialsLine = TrialResult | ({ readonly state: 'resumed' } & Resumption) | { readonly state: 'ended' };

/** A trials file that is being written: a header, then a line for each result; lines are never changed. */
export class TrialsFile implements Disposable {
  readonly #descriptor: number;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Makes the file, which must not be there yet. */
  static create(path: string, header: TrialsHeader): TrialsFile {
    const file = new TrialsFile(openFile(path, 'ax'));
    file.#write({ schema: SCHEMA, ...header });
    return file;
  }

  /** Goes on after the last whole line of a file. */
  static resume(path: string, resumption: Resumption): TrialsFile {
    const file = TrialsFile.#reopen(path);
    file.#write({ state: 'resumed', ...resumption });
    return file;
  }

  /** Notes in a file that everything is measured. */
  static end(path: string): void {
    using file = TrialsFile.#reopen(path);
    file.#write({ state: 'ended' });
  }

  static #reopen(path: string): TrialsFile {
    const whole = readFileSync(path).lastIndexOf('\n') + 1;
    const descriptor = openFile(path, 'a');
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

function openFile(path: string, how: 'a' | 'ax'): number {
  try {
    return openSync(path, how);
  } catch (cause) {
    const message = `Results go to ${path}, which cannot be written: ${String(cause)}`;
    throw new LoadlineError('folder-unwritable', message, { cause });
  }
}

/** Reads everything that a trials file holds; a last line that was cut in half is left out. */
export function readTrials(path: string): TrialsRecord {
  const text = readText(path);
  const lines = text.split('\n');
  // After the last line break: nothing, or a line that was cut in half.
  const cutOff = lines.pop() !== '';
  const [first, ...rest] = lines;
  if (first === undefined) {
    const found = text === '' ? 'empty' : 'cut off in line 1';
    throw unreadable(
      `The results file ${path} has no header: it is ${found}. Nothing was measured yet; measure again.`,
    );
  }
  const { schema, experiment, ...given } = readHeader<TrialsHeader & { schema: number }>(first, headerLine, path);
  const results = new Map<string, TrialResult>();
  const resumptions: Resumption[] = [];
  let ended = false;
  for (const [index, line] of rest.entries()) {
    const number = index + 2;
    const parsed = check<TrialsLine>(parseJson(line, path, number), trialsLine, path, number);
    ended = parsed.state === 'ended';
    if (parsed.state === 'resumed') resumptions.push({ budget: parsed.budget, changes: parsed.changes });
    if (parsed.state === 'resumed' || parsed.state === 'ended') continue;
    const { trial } = parsed;
    if (results.has(trial.id)) {
      throw unreadable(
        `The results file ${path} has the trial ${trial.id} a second time in line ${number}: remove that line.`,
      );
    }
    results.set(trial.id, { ...parsed, trial: describeTopologies(trial, experiment.topologies, path, number) });
  }
  const budget = resumptions.at(-1)?.budget ?? experiment.budget;
  const { runtime, environment } = given;
  return {
    ...{ schema, experiment: { ...experiment, budget }, runtime, environment },
    ...{ results: [...results.values()], resumptions, ended, cutOff },
  };
}

/**
 * Reads the first line of a file with its experiment, raised to this schema. Refuses the file of a newer Loadline, or of
 * one that is too old, in one sentence.
 */
export function readHeader<Header extends { readonly experiment: Experiment }>(
  line: string,
  shape: z.ZodType,
  path: string,
): Header {
  const value = parseJson(line, path, 1);
  const schema: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'schema') : undefined;
  if (typeof schema === 'number' && (schema < OLDEST || schema > SCHEMA)) {
    const [by, instead] =
      schema > SCHEMA
        ? ['a newer Loadline', 'update Loadline (git pull), then try again']
        : ['an older Loadline', 'measure again, or read it with the version that its line 1 names'];
    throw unreadable(
      `The results file ${path} was written by ${by}: line 1 says schema ${schema}, and this one reads ${SCHEMA}. To go on, ${instead}.`,
    );
  }
  const header = check<Header>(schema === 2 ? upgradedFrom2(value) : value, shape, path, 1);
  return { ...header, experiment: describeTopologies(header.experiment, header.experiment.topologies, path, 1) };
}

/** Gives each deployment of a line the topology that line 1 describes. */
function describeTopologies<Cells extends { readonly cell: Cell } | { readonly cells: readonly Cell[] }>(
  holder: Cells,
  topologies: readonly Topology[],
  path: string,
  number: number,
): Cells {
  const describe = (cell: Cell): Cell => {
    const { topology } = cell.deployment;
    const spec = topologies.find(({ name }) => name === topology);
    if (spec === undefined)
      throw damaged(path, number, `it has the topology ${topology}, which line 1 does not describe`);
    return { ...cell, deployment: { ...cell.deployment, spec } };
  };
  return 'cell' in holder
    ? { ...holder, cell: describe(holder.cell) }
    : { ...holder, cells: holder.cells.map(describe) };
}

/** Problems of one line that are told; a file of another kind has dozens. */
const MOST_TOLD = 3;

function check<T>(value: unknown, schema: z.ZodType, path: string, number: number): T {
  const { success, error } = schema.safeParse(value, { reportInput: true });
  if (success) return value as T;
  const problems = error.issues.flatMap(describeProblems);
  const told = problems.slice(0, MOST_TOLD).map(problem => `${writeKey(problem.path)} ${problem.message}`);
  if (problems.length > told.length) told.push(`and ${problems.length - told.length} more`);
  throw damaged(path, number, told.join('; '));
}

function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const isFolder = cause instanceof Error && 'code' in cause && cause.code === 'EISDIR';
    const why = isFolder ? 'it is a folder; give the trials.jsonl in it' : String(cause);
    throw unreadable(`The results file ${path} cannot be read: ${why}`, cause);
  }
  // A last line that was cut in half may end in the middle of a character.
  for (let line = 1, start = 0, end = 0; end >= 0; line++, start = end + 1) {
    end = bytes.indexOf('\n', start);
    if (end >= 0 && !isUtf8(bytes.subarray(start, end))) throw damaged(path, line, 'it is not text');
  }
  return bytes.toString();
}

const beyondJson = new Map<unknown, number>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

function parseJson(line: string, path: string, number: number): unknown {
  if (line.includes('\0')) throw damaged(path, number, 'it is not text');
  if (line.trim() === '') throw damaged(path, number, 'it is empty');
  try {
    return JSON.parse(line, (_key, value) => beyondJson.get(value) ?? value);
  } catch (cause) {
    throw damaged(path, number, `it is not JSON: ${String(cause)}`, cause);
  }
}

/** A line as text. Topologies are in line 1 alone; NaN and infinity, which JSON turns into `null`, are kept as words. */
export function jsonText(line: object): string {
  return JSON.stringify(line, (key, value) => {
    if (key === 'spec') return undefined;
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  });
}

function damaged(path: string, number: number, what: string, cause?: unknown): LoadlineError {
  return unreadable(`The results file ${path} is damaged in line ${number}: ${what}`, cause);
}

function unreadable(message: string, cause?: unknown): LoadlineError {
  return new LoadlineError('results-unreadable', message, { cause });
}
