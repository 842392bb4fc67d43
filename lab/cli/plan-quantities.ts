import { LoadlineError } from '../../model/errors.ts';
import {
  type Bytes,
  parseDuration,
  parseFactor,
  parseMemory,
  parseNumber,
  type Seconds,
} from '../../model/quantities.ts';

/** A number of a thing: `1200`, `0.3`; `--arrival-rate is -5: …` otherwise. */
export function numberFrom(option: string, text: string, limits: OptionRange, parse = parseNumber): number {
  const { least = 0, most = Number.MAX_VALUE, isWhole = false, such } = limits;
  const value = parse(text);
  if (value !== undefined && value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
  throw wrong(option, text, such);
}

/** What a number can be, and what an error says of it. */
export interface OptionRange {
  readonly least?: number;
  readonly most?: number;
  readonly isWhole?: boolean;
  /** `a number of requests a second, such as 1200` */
  readonly such: string;
}

/** A duration with its unit: `250ms`, `1.5s`. */
export function durationFrom(option: string, text: string): Seconds {
  const such = 'a duration above 0 with its unit, such as 250ms or 1.5s';
  return numberFrom(option, text, { least: Number.MIN_VALUE, such }, parseDuration);
}

/** Memory with its unit: `800MB`, `4G`, and `4GiB` with powers of 1024. */
export function memoryFrom(option: string, text: string): Bytes {
  const such = 'memory above 0 with its unit, such as 800MB or 4G';
  return numberFrom(option, text, { least: Number.MIN_VALUE, such }, parseMemory);
}

/** Times as much: `2x`, `0.5x`; `undefined` for what is no factor. */
export function factorFrom(text: string): number | undefined {
  const factor = parseFactor(text) ?? 0;
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
