import { LoadlineError } from '../../model/errors.ts';
import { type Bytes, durationText, type Seconds, secondsOf } from '../../model/quantities.ts';

/** A number of a thing: `1200`, `0.3`; `--arrival-rate is -5: …` otherwise. */
export function numberFrom(
  option: string,
  text: string,
  { least = 0, most = Number.POSITIVE_INFINITY, isWhole = false, such }: Limits,
): number {
  const value = plainNumber.test(text) ? Number(text) : Number.NaN;
  const fits = value >= least && value <= most && value < Number.POSITIVE_INFINITY;
  if (fits && (least > 0 || value > 0 || text === '0') && (!isWhole || Number.isInteger(value))) return value;
  throw wrong(option, text, such);
}

/** What a number can be, and what an error says of it. */
export interface Limits {
  readonly least?: number;
  readonly most?: number;
  readonly isWhole?: boolean;
  /** `a number of requests a second, such as 1200` */
  readonly such: string;
}

const plainNumber = /^\d+(\.\d+)?$/;

/** A duration with its unit: `250ms`, `1.5s`. */
export function durationFrom(option: string, text: string): Seconds {
  const seconds = durationText.test(text) ? secondsOf(text) : Number.NaN;
  if (seconds > 0) return seconds;
  throw wrong(option, text, 'a duration above 0 with its unit, such as 250ms or 1.5s');
}

const memoryText = /^(\d+(?:\.\d+)?)\s*(K|M|G|T)i?B?$/i;
const thousands: Readonly<Record<string, number>> = { K: 1, M: 2, G: 3, T: 4 };

/** Memory with its unit: `800MB`, `4G`, and `4GiB` with powers of 1024. */
export function memoryFrom(option: string, text: string): Bytes {
  const [, number, letter = ''] = memoryText.exec(text) ?? [];
  const step = /i/i.test(text) ? 1024 : 1000;
  const bytes = Math.round(Number(number) * step ** (thousands[letter.toUpperCase()] ?? Number.NaN));
  if (bytes > 0) return bytes;
  throw wrong(option, text, 'memory above 0 with its unit, such as 800MB or 4G');
}

/** Times as much: `2x`, `0.5x`; `undefined` for what is no factor. */
export function factorFrom(text: string): number | undefined {
  const [, number] = /^(\d+(?:\.\d+)?)x$/i.exec(text) ?? [];
  const factor = Number(number);
  return factor > 0 && factor < Number.POSITIVE_INFINITY ? factor : undefined;
}

/** The most values that one sweep goes through. */
const MOST_VALUES = 64;

/** What a sweep goes through: `1..16`, or `1,2,4,8`; `read` turns one of them into a number. */
export function rangeFrom(option: string, text: string, read: (text: string) => number): number[] {
  const ends = /^([^.,]+(?:\.\d+)?)\.\.(.+)$/.exec(text);
  const values = ends
    ? between(read(ends[1] ?? ''), read(ends[2] ?? ''))
    : text.split(',').map(part => read(part.trim()));
  if (
    values.length > 0 &&
    values.length <= MOST_VALUES &&
    values.every((value, index) => value > (values[index - 1] ?? 0))
  ) {
    return values;
  }
  throw wrong(option, text, `at most ${MOST_VALUES} growing values, such as 1..16 or 1,2,4,8`);
}

/** Whole steps of a range as long as they are few; of a longer one both ends and the round numbers between them. */
function between(first: number, last: number): number[] {
  const span = last - first;
  if (!(span >= 0)) return [];
  if (span <= MOST_STEPS) return Array.from({ length: Math.floor(span) + 1 }, (_, index) => first + index);
  const power = 10 ** Math.floor(Math.log10(span / MOST_STEPS));
  const step = [1, 2, 5, 10].map(times => times * power).find(size => span / size <= MOST_STEPS) ?? span;
  const round = Array.from({ length: MOST_STEPS + 2 }, (_, index) => (Math.floor(first / step) + index) * step);
  return [first, ...round.filter(value => value > first && value < last), last];
}

const MOST_STEPS = 20;

/** An option that does not say what it should, and what it could say. */
export function wrong(option: string, text: string, such: string): LoadlineError {
  return new LoadlineError('usage', `${option} is "${text}"; it takes ${such}.`);
}
