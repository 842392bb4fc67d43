import {
  parseDuration,
  parseFactor,
  parseMemory,
  parseNumber,
  parseQuantity,
  parseRate,
  rounded,
  splitQuantity,
} from '../../model/quantities.ts';

/** What an answer is counted in: seconds, per second, bytes, how many times, or things, by their plural. */
export type AnswerUnit = 's' | '/s' | 'B' | 'times' | 'workers' | 'connections' | 'machines';

/** What reads an answer with its unit; things are counted. */
const parsers = { s: parseDuration, '/s': parseRate, B: parseMemory, times: parseFactor } as const;

/** A number with a unit of an answer, or why it is none. */
export type ReadAnswer = { readonly value: number } | { readonly refused: string };

/** Reads `17`, `1,200/s`, `250ms`, `1.2GB`, `13 workers`; a bare number is in seconds, per second or bytes. */
export function readAnswer(text: string, unit: AnswerUnit): ReadAnswer {
  const refused = (why: string) => ({ refused: `--answer is "${text}"; ${why}, such as ${exampleOf(unit)}` });
  const [, sign = '', amount = ''] = /^([-−+]?)\s*(.*)$/.exec(text.trim()) ?? [];
  if (splitQuantity(amount) === undefined) return refused('it is a number');
  if (sign === '-' || sign === '−') return refused('an answer is 0 or more');
  const value = parseNumber(amount) ?? parseInUnit(amount, unit);
  if (value === undefined) return refused(`this one is ${nameOf(unit)}`);
  return value < LARGEST ? { value } : refused(`an answer is less than a million billion`);
}

/** Nothing here has so many bytes, requests or seconds, and a person could not read it. */
const LARGEST = 1e15;

/** A value in its unit for a person, with three digits: `21.4 ms`, `1200/s`, `1.6 GB`, `13 workers`. */
export function inUnit(value: number, unit: AnswerUnit): string {
  if (unit === 's' && value < 1e-4) return `${rounded(value * 1e6)} µs`;
  if (unit === 's') return value < 1 ? `${rounded(value * 1000)} ms` : `${rounded(value)} s`;
  if (unit === '/s') return `${rounded(value)}/s`;
  if (unit === 'B') return value < 1e9 ? `${rounded(value / 1e6)} MB` : `${rounded(value / 1e9)} GB`;
  if (unit === 'times') return `${rounded(value)} times`;
  return `${rounded(value)} ${value === 1 ? unit.slice(0, -1) : unit}`;
}

/** A measured figure as it is shown: who computes with what stands in the question gets the same answer. */
export function asShown(value: number): number {
  return Number(rounded(value));
}

/** Whether an answer in this unit is a whole number. */
export function isCounted(unit: AnswerUnit): boolean {
  return !(unit in parsers);
}

/** What is asked for, in a few words, and what a bare number means. */
export function bareMeaning(unit: AnswerUnit): string {
  if (unit === 's') return 'a bare number is in seconds';
  if (unit === '/s') return 'a bare number is per second';
  return unit === 'B' ? 'a bare number is in bytes' : nameOf(unit);
}

function parseInUnit(text: string, unit: AnswerUnit): number | undefined {
  if (unit === 's' || unit === '/s' || unit === 'B' || unit === 'times') return parsers[unit](text);
  return parseQuantity(text, { [unit]: 1, [unit.slice(0, -1)]: 1 });
}

function nameOf(unit: AnswerUnit): string {
  if (unit === 's') return 'a time';
  if (unit === '/s') return 'a number per second';
  if (unit === 'B') return 'an amount of memory';
  return unit === 'times' ? 'how many times as much' : `a number of ${unit}`;
}

function exampleOf(unit: AnswerUnit): string {
  return { s: '250ms', '/s': '17/s', B: '1.2GB', times: '2.5' }[unit as 's'] ?? '17';
}
