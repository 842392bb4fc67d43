import {
  type Fraction,
  parseDuration,
  parseFactor,
  parseMemory,
  parseNumber,
  parseQuantity,
  parseRate,
  rounded,
  splitQuantity,
} from '../../model/quantities.ts';

/** Quantities, and things that are counted. */
export type AnswerUnit = keyof typeof quantities | 'workers' | 'connections' | 'machines';

const quantities = {
  s: { name: 'a time', bare: 'a bare number is in seconds', example: '250ms', parse: parseDuration },
  '/s': { name: 'a number per second', bare: 'a bare number is per second', example: '17/s', parse: parseRate },
  B: { name: 'an amount of memory', bare: 'a bare number is in bytes', example: '1.2GB', parse: parseMemory },
  times: { name: 'how many times as much', bare: 'how many times as much', example: '2.5', parse: parseFactor },
};

function describeUnit(unit: AnswerUnit) {
  if (!isCounted(unit)) return quantities[unit];
  const parse = (text: string) => parseQuantity(text, { [unit]: 1, [unit.slice(0, -1)]: 1 });
  return { name: `a number of ${unit}`, bare: `a number of ${unit}`, example: '17', parse };
}

function isCounted(unit: AnswerUnit): unit is Exclude<AnswerUnit, keyof typeof quantities> {
  return !(unit in quantities);
}

/** What is asked for, and what a bare number means. */
export function bareMeaning(unit: AnswerUnit): string {
  return describeUnit(unit).bare;
}

/** More than any number of bytes, requests or seconds here. */
const LARGEST = 1e15;

/** Reads `17`, `1,200/s`, `250ms`, `1.2GB`, `13 workers`, or says why it cannot. */
export function readAnswer(text: string, unit: AnswerUnit): { readonly value: number } | { readonly refused: string } {
  const { name, example, parse } = describeUnit(unit);
  const refused = (why: string) => ({ refused: `--answer is "${text}"; ${why}, such as ${example}` });
  const [, sign = '', amount = ''] = /^([-−+]?)\s*(.*)$/.exec(text.trim()) ?? [];
  if (splitQuantity(amount) === undefined) return refused('it is a number');
  if (sign === '-' || sign === '−') return refused('an answer is 0 or more');
  const value = parseNumber(amount) ?? parse(amount);
  if (value === undefined) return refused(`this one is ${name}`);
  return value < LARGEST ? { value } : refused('an answer is less than a million billion');
}

/** A value with three digits and its unit: `21.4 ms`, `1200/s`, `1.6 GB`, `13 workers`. */
export function inUnit(value: number, unit: AnswerUnit): string {
  if (unit === 's' && value < 1e-4) return `${rounded(value * 1e6)} µs`;
  if (unit === 's') return value < 1 ? `${rounded(value * 1000)} ms` : `${rounded(value)} s`;
  if (unit === '/s') return `${rounded(value)}/s`;
  if (unit === 'B') return value < 1e9 ? `${rounded(value / 1e6)} MB` : `${rounded(value / 1e9)} GB`;
  if (unit === 'times') return `${rounded(value)} times`;
  return `${rounded(value)} ${value === 1 ? unit.slice(0, -1) : unit}`;
}

/** A measured value as the question shows it, so that calculating with the printed figure gives the same answer. */
export function asShown(value: number): number {
  return Number(rounded(value));
}

export interface RightAnswer {
  /** In seconds, per second, bytes, or a number. */
  readonly value: number;
  /** Accepted relative error, for rounding on the way; 0 for counts. */
  readonly tolerance: Fraction;
  /** All right answers in growing order, where the model cannot tell several apart. */
  readonly accepted?: readonly number[];
  /** Wrong answers with a known cause, each with what was probably forgotten. */
  readonly mistakes: readonly { readonly value: number; readonly hint: string }[];
}

/** `not right`: between two right answers. */
type Direction = 'too high' | 'too low' | 'not right';
type CheckedAnswer =
  | { readonly right: true }
  | { readonly right: false; readonly direction: Direction; readonly hint?: string };

/** An answer this near to a known mistake is that mistake. */
const SAME = 0.01;
/** An answer this near to the right one was rounded too early, or lacks a small part. */
const CLOSE = 0.1;
/** Factors by which a mistaken unit changes an answer. */
const unitSlips: readonly (readonly [factor: number, hint: string])[] = [
  [1000, 'Look at the units: seconds and milliseconds, or MB and GB?'],
  [60, 'Look at the units: seconds and minutes?'],
  [1e6, 'Look at the units: it is off by a million.'],
];

/** Compares an answer, in the unit of its exercise, with the right one. */
export function checkAnswer(given: number, right: RightAnswer, unit: AnswerUnit): CheckedAnswer {
  const { value, tolerance, accepted = [value] } = right;
  if (accepted.some(one => isNear(given, one, tolerance))) return { right: true };
  const hint = findHint(given, right, unit);
  let direction: Direction = 'not right';
  if (given > Math.max(...accepted)) direction = 'too high';
  if (given < Math.min(...accepted)) direction = 'too low';
  return { right: false, direction, ...(hint !== undefined && { hint }) };
}

function findHint(given: number, { value, tolerance, mistakes }: RightAnswer, unit: AnswerUnit): string | undefined {
  if (isCounted(unit) && !Number.isInteger(given)) return `There are whole ${unit} only.`;
  const mistake = mistakes.find(wrong => isNear(given, wrong.value, isCounted(unit) ? 0 : SAME));
  if (mistake !== undefined) return mistake.hint;
  const allowed = Math.max(tolerance, SAME);
  const slip = unitSlips.find(([by]) => [value * by, value / by].some(wrong => isNear(given, wrong, allowed)));
  if (slip !== undefined) return slip[1];
  if (value !== 1 && isNear(given, 1 / value, allowed)) return 'It seems to be upside down: 1 ÷ the answer.';
  return isNear(given, value, CLOSE) ? 'It is close: round later, and read again what is asked.' : undefined;
}

function isNear(given: number, value: number, tolerance: number): boolean {
  return Math.abs(given - value) <= (tolerance + 1e-9) * Math.abs(value);
}

/** `1 s is too high. That is for a single worker.`, `17 workers are too few.` */
export function wrongSentence(
  given: number,
  { direction, hint }: Extract<CheckedAnswer, { right: false }>,
  unit: AnswerUnit,
): string {
  const more = hint === undefined ? '' : ` ${hint}`;
  if (!isCounted(unit)) return `${inUnit(given, unit)} is ${direction}.${more}`;
  const counted = { 'too high': 'too many', 'too low': 'too few', 'not right': 'not right' }[direction];
  return `${inUnit(given, unit)} ${given === 1 ? 'is' : 'are'} ${counted}.${more}`;
}
