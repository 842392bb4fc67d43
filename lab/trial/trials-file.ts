import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { LoadlineError } from '../../errors/loadline-error.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { TrialResult } from '../experiment/trial-result.ts';

const SCHEMA = 1;

/** The first line of a trials file: everything that is needed to repeat what follows. */
export interface TrialsHeader {
  readonly experiment: Experiment;
  readonly runtime: string;
  readonly environment: Readonly<Record<string, unknown>>;
}

/** What a trials file holds. */
export interface TrialsRecord extends TrialsHeader {
  readonly results: readonly TrialResult[];
  /** Whether the last line was cut in half, and left out: its trial was being written when the run ended. */
  readonly cutOff: boolean;
}

/** A trials file that is being written: a header, then a line a result; what is there is never changed. */
export class TrialsFile implements Disposable {
  readonly #descriptor: number;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Makes the file, which must not be there yet. */
  static create(path: string, header: TrialsHeader): TrialsFile {
    try {
      const file = new TrialsFile(openSync(path, 'ax'));
      file.#write({ schema: SCHEMA, ...header });
      return file;
    } catch (cause) {
      throw new LoadlineError('folder-unwritable', `Results go to ${path}, which cannot be made: ${String(cause)}`, {
        cause,
      });
    }
  }

  /** Adds a result; when it returns the result is on disk. */
  append(result: TrialResult): void {
    this.#write(result);
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  #write(line: object): void {
    const bytes = Buffer.from(`${JSON.stringify(line, withoutLoss)}\n`);
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor, bytes, written);
    fsyncSync(this.#descriptor);
  }
}

/** Everything that a trials file holds; a last line that was cut in half is left out. */
export function readTrials(path: string): TrialsRecord {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new LoadlineError('results-unreadable', `The results file ${path} cannot be read: ${String(cause)}`, {
      cause,
    });
  }
  const cutOff = !text.endsWith('\n');
  const lines = text.split('\n');
  // What follows the last line break: nothing, or a line that was cut in half.
  lines.pop();
  const [first, ...rest] = lines;
  if (first === undefined) {
    throw new LoadlineError(
      'results-unreadable',
      `The results file ${path} has no header: it is empty or was cut off.`,
    );
  }
  const { experiment, runtime, environment } = parsedLine<TrialsHeader>(first, headerLine, path, 1);
  const results = rest.map((line, index) => parsedLine<TrialResult>(line, resultLine, path, index + 2));
  return { experiment, runtime, environment, results, cutOff };
}

const headerLine = z.looseObject({
  schema: z.literal(SCHEMA),
  experiment: z.looseObject({ name: z.string(), cells: z.array(z.looseObject({})) }),
  runtime: z.string(),
  environment: z.looseObject({}),
});

const trialPart = z.looseObject({ id: z.string(), block: z.int(), purpose: z.enum(['light', 'capacity']) });
const measuredPart = { trial: trialPart, elapsed: z.number(), measurement: z.looseObject({ scored: z.number() }) };
const resultLine = z.discriminatedUnion('state', [
  z.looseObject({ state: z.literal('completed'), ...measuredPart }),
  z.looseObject({ state: z.literal('invalid'), ...measuredPart, reason: z.looseObject({ kind: z.string() }) }),
  z.looseObject({
    state: z.literal('failed'),
    trial: trialPart,
    elapsed: z.number(),
    error: z.looseObject({ code: z.string(), message: z.string() }),
  }),
]);

/** What the schema checks is enough to tell damage; the rest is as it was written. */
function parsedLine<T>(line: string, schema: z.ZodType, path: string, number: number): T {
  try {
    const value = JSON.parse(line, restored);
    schema.parse(value);
    return value as T;
  } catch (cause) {
    const what = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    const message = `The results file ${path} is damaged, or of another version, in line ${number}: ${what}`;
    throw new LoadlineError('results-unreadable', message, { cause });
  }
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
