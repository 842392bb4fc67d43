import { rounded } from '../../model/quantities.ts';

/** What an answer is counted in: seconds, per second, bytes, how many times, or things, by their plural. */
export type AnswerUnit = 's' | '/s' | 'B' | 'times' | 'workers' | 'connections' | 'machines';

/** Units as they may be typed behind a number, and how much of the unit of an answer one of them is. */
const spellings: Readonly<Record<'s' | '/s' | 'B' | 'times', Readonly<Record<string, number>>>> = {
  s: {
    ...{ us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, sec: 1, second: 1, seconds: 1 },
    ...{ m: 60, min: 60, minute: 60, minutes: 60, h: 3600 },
  },
  '/s': { '/s': 1, '/sec': 1, '/second': 1, '/min': 1 / 60, '/h': 1 / 3600 },
  B: { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, k: 1e3, m: 1e6, g: 1e9, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 },
  times: { times: 1, x: 1, '×': 1 },
};

/** A number with a unit of an answer, or why it is none. */
export type ReadAnswer = { readonly value: number } | { readonly refused: string };

/** A sign, `1200`, `1,200`, `0.5`, `.5` or `1.6e9`, and what is behind it. */
const quantity = /^\s*([-−+]?)\s*((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(e[+-]?\d+)?\s*([a-zµ×/]*)\s*$/i;

/** Reads `17`, `1,200/s`, `250ms`, `1.2GB`, `13 workers`; a bare number is in seconds, per second or bytes. */
export function readAnswer(text: string, unit: AnswerUnit): ReadAnswer {
  const refused = (why: string) => ({ refused: `--answer is "${text}"; ${why}, such as ${exampleOf(unit)}` });
  const [, sign, digits, power = '', spelled = ''] = quantity.exec(text) ?? [];
  if (digits === undefined) return refused('it is a number');
  if (sign === '-' || sign === '−') return refused('an answer is 0 or more');
  const size = spelled === '' ? 1 : new Map(Object.entries(sizesOf(unit))).get(spelled.toLowerCase());
  if (size === undefined) return refused(`this one is ${nameOf(unit)}`);
  const value = Number(`${digits.replaceAll(',', '')}${power}`) * size;
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
  return !(unit in spellings);
}

/** What is asked for, in a few words, and what a bare number means. */
export function bareMeaning(unit: AnswerUnit): string {
  if (unit === 's') return 'a bare number is in seconds';
  if (unit === '/s') return 'a bare number is per second';
  return unit === 'B' ? 'a bare number is in bytes' : nameOf(unit);
}

function sizesOf(unit: AnswerUnit): Readonly<Record<string, number>> {
  if (unit === 's' || unit === '/s' || unit === 'B' || unit === 'times') return spellings[unit];
  return { [unit]: 1, [unit.slice(0, -1)]: 1 };
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
