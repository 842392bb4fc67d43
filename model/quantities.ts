/** A bare duration is in seconds, a bare rate per second, a bare size in bytes; anything else is converted at the edge. */
export type Seconds = number;
export type PerSecond = number;
export type Bytes = number;
/** 0 to 1. */
export type Fraction = number;

/** Durations as a person writes them: `10m`, `1.5h`, `90s`, `250ms`. */
export const durationText = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

const secondsPerUnit: Readonly<Record<string, Seconds>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** Seconds of a duration that is a number of them or a text with a unit; NaN when it is neither. */
export function secondsOf(duration: number | string): Seconds {
  if (typeof duration === 'number') return duration;
  const [, count, unit = ''] = durationText.exec(duration) ?? [];
  // Through whole thousandths: 250 × 0.001 is 0.25 and stays it.
  return Math.round(Number(count) * (secondsPerUnit[unit] ?? Number.NaN) * 1e6) / 1e6;
}

/** `2%`, `0.5%` */
export const percentageText = /^\d+(?:\.\d+)?%$/;

/** A part as it stands in a file: a fraction, or a percentage. */
export function fractionOf(value: number | string): Fraction {
  return typeof value === 'number' ? value : Number((Number.parseFloat(value) / 100).toPrecision(12));
}

/** An amount of memory, as an experiment file has it: `800MB`, `1.5GB`. */
export const memoryText = /^\d+(\.\d+)?(MB|GB)$/;

/** The bytes of an amount that `memoryText` matches. */
export function bytesOf(text: string): Bytes {
  return Math.round(Number.parseFloat(text) * (text.endsWith('GB') ? 1e9 : 1e6));
}

/** The amount that `bytesOf` reads as so many bytes. */
export function memoryOf(bytes: Bytes): string {
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

/** A part of a whole: `98 %`, `0.5 %`; what is not quite all is never rounded to 100 %. */
export function percent(fraction: Fraction): string {
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
