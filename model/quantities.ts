/** A bare duration is in seconds, a bare rate per second, a bare size in bytes; anything else is converted at the edge. */
export type Seconds = number;
export type PerSecond = number;
export type Bytes = number;
/** 0 to 1. */
export type Fraction = number;

/** Units by their spellings in small letters, each with its size. */
type Units = Readonly<Record<string, number>>;

const durationUnits: Units = {
  ...{ us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, sec: 1, second: 1, seconds: 1 },
  ...{ m: 60, min: 60, minute: 60, minutes: 60, h: 3600 },
};
const rateUnits: Units = { '/s': 1, '/sec': 1, '/second': 1, '/min': 1 / 60, '/h': 1 / 3600 };
const factorUnits: Units = { x: 1, '×': 1, times: 1 };
const binaryUnits: Units = { ...powers(1024, 'i'), ...powers(1024, 'ib') };
const memoryUnits: Units = { b: 1, ...powers(1000, ''), ...powers(1000, 'b'), ...binaryUnits };
const dockerMemoryUnits: Units = { b: 1, ...powers(1024, ''), ...powers(1024, 'b'), ...binaryUnits };

/** `{ kb: 1000, mb: 1000², … }` for the ending `b`. */
function powers(step: number, ending: string): Units {
  return Object.fromEntries(['k', 'm', 'g', 't'].map((letter, index) => [letter + ending, step ** (index + 1)]));
}

/** The spellings of an experiment file: fewer than the parsers take, and the same in the schema that editors read. */
export const durationText = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
export const percentageText = /^\d+(?:\.\d+)?%$/;
export const memoryText = /^\d+(\.\d+)?(MB|GB)$/;

const numberAndUnit = /^((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(e[+-]?\d+)?\s*([a-zµ×%/]*)$/i;

/** Splits `1,200/s` or `1.6e9 B` into number and unit, in small letters; `undefined` if there is no number. */
export function splitQuantity(text: string): { number: number; unit: string } | undefined {
  const [, digits, power = '', unit = ''] = numberAndUnit.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return { number: Number(`${digits.replaceAll(',', '')}${power}`), unit: unit.toLowerCase() };
}

/** Parses a number with one of these units; `undefined` for anything else, a bare number included. */
export function parseQuantity(text: string, units: Units): number | undefined {
  const quantity = splitQuantity(text);
  if (quantity === undefined || !Object.hasOwn(units, quantity.unit)) return undefined;
  // 15 digits: 1100 × 0.001 is 1.1, not 1.1000000000000001.
  return Number((quantity.number * (units[quantity.unit] ?? Number.NaN)).toPrecision(15));
}

/** Parses a number without a unit: `1200`, `1,200`, `.5`, `1.6e9`. */
export function parseNumber(text: string): number | undefined {
  return parseQuantity(text, { '': 1 });
}

/** Parses a duration with its unit into seconds: `250ms`, `1.5s`, `10m`, `5 min`, `1h`. */
export function parseDuration(text: string): Seconds | undefined {
  return parseQuantity(text, durationUnits);
}

/** Parses a rate with its unit: `1200/s`, `900/min`. */
export function parseRate(text: string): PerSecond | undefined {
  return parseQuantity(text, rateUnits);
}

/** Parses a percentage with its sign into a fraction: `2%`, `0.5 %`. */
export function parsePercent(text: string): Fraction | undefined {
  return parseQuantity(text, { '%': 0.01 });
}

/** Parses a factor with its sign: `2x`, `0.5×`. */
export function parseFactor(text: string): number | undefined {
  return parseQuantity(text, factorUnits);
}

/**
 * Parses memory with its unit into whole bytes: `800MB`, `4G`, `4GiB`. `GiB` is 1024³; `G` and `GB` are 1000³, or 1024³
 * where Docker reads the text too.
 */
export function parseMemory(text: string, step: 1000 | 1024 = 1000): Bytes | undefined {
  const bytes = parseQuantity(text, step === 1024 ? dockerMemoryUnits : memoryUnits);
  return bytes === undefined ? undefined : Math.round(bytes);
}

/** Writes an amount of memory as an experiment file has it: `800MB`. */
export function writeMemory(bytes: Bytes): string {
  return `${bytes / 1e6}MB`;
}

// Made once: a new one for each number takes longer than all the rest.
const threeDigits = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3, useGrouping: false });
const threeDigitsGrouped = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });
const wholeGrouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** With three significant digits at most, and never as a power of ten: 1310 · 85.7 · 0.021. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return '?';
  return threeDigits.format(value);
}

/** The same with a separator of thousands: `86.4`, `1,310`. */
export function shownNumber(value: number): string {
  return Number.isFinite(value) ? threeDigitsGrouped.format(value) : '?';
}

/** A whole number: `1,204`. */
export function shownCount(count: number): string {
  return wholeGrouped.format(Math.round(count));
}

/** How many there are of something: `1 worker`, `1,204 requests`. */
export function counted(count: number, noun: string, several = `${noun}s`): string {
  return `${shownCount(count)} ${count === 1 ? noun : several}`;
}

/** A number of things a second: `86.4/s`. */
export function shownRate(perSecond: PerSecond): string {
  return `${shownNumber(perSecond)}/s`;
}

/** A duration in the unit in which it is easily read: `21.1 ms`, `1.25 s`. */
export function shownTime(seconds: Seconds): string {
  if (seconds < 0.0005) return seconds === 0 ? '0 ms' : '<1 ms';
  return seconds < 0.9995 ? `${shownNumber(seconds * 1000)} ms` : `${shownNumber(seconds)} s`;
}

/** A duration as a number of milliseconds. */
export function milliseconds(seconds: Seconds): string {
  return rounded(seconds * 1000);
}

/** A duration for a person who waits: `40 s`, `3 min`. */
export function waitingTime(seconds: Seconds): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** An amount of memory in whole megabytes, from a thousand of them on in gigabytes: `118 MB`, `1.25 GB`. */
export function shownBytes(bytes: Bytes): string {
  const megabytes = bytes / 1e6;
  return megabytes < 999.5 ? `${Math.round(megabytes)} MB` : `${shownNumber(megabytes / 1000)} GB`;
}

/** A part of a whole: `98 %`, `0.5 %`; what is not quite all is never rounded to 100 %, nor a trace written out. */
export function percent(fraction: Fraction): string {
  if (fraction > 0 && fraction < 1e-4) return 'under 0.01 %';
  const hundredths = fraction < 1 ? Math.min(99.9, fraction * 100) : 100;
  return `${hundredths >= 99.5 && hundredths < 100 ? '99.9' : rounded(hundredths >= 1 ? Math.round(hundredths) : hundredths)} %`;
}

/** Rounded to whole percent, and of more than all too: `33 %`, `150 %`. */
export function wholePercent(fraction: Fraction): string {
  return `${Math.round(fraction * 100)} %`;
}

/** With so many decimals: `3.6 %`. */
export function percentTo(fraction: Fraction, decimals: number): string {
  return `${(fraction * 100).toFixed(decimals)} %`;
}

/** A difference with its sign, and with a decimal where it is below a tenth: `+3.6 %`, `−12 %`. */
export function signedPercent(fraction: Fraction): string {
  const size = Math.abs(fraction);
  return `${fraction < 0 ? '−' : '+'}${size < 0.1 ? percentTo(size, 1) : wholePercent(size)}`;
}

/** An estimate with its interval: `1.03 [0.97, 1.09]`. */
export function withInterval(of: { readonly estimate: number; readonly low: number; readonly high: number }): string {
  return `${rounded(of.estimate)} [${rounded(of.low)}, ${rounded(of.high)}]`;
}

/** What a quantile is called: `p99`, `p99.9`. */
export function quantileName(quantile: Fraction): string {
  return `p${Number((quantile * 100).toPrecision(6))}`;
}
