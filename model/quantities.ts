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

/** With three significant digits at most, and never as a power of ten: 1310 · 85.7 · 0.021. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return '?';
  return threeDigits.format(value);
}

/** `98 %`; what is not quite all is never rounded to 100 %. */
export function percent(fraction: Fraction): string {
  const hundredths = fraction < 1 ? Math.min(99.9, fraction * 100) : 100;
  return `${hundredths >= 99.5 && hundredths < 100 ? '99.9' : rounded(hundredths >= 1 ? Math.round(hundredths) : hundredths)} %`;
}

/** A duration as a number of milliseconds. */
export function milliseconds(seconds: Seconds): string {
  return rounded(seconds * 1000);
}

/** `the one worker was`, `both workers were`, `all 8 workers were`. */
export function counted(number: number, noun: string): string {
  if (number === 1) return `the one ${noun} was`;
  return number === 2 ? `both ${noun}s were` : `all ${number} ${noun}s were`;
}

/** What a quantile is called: `p99`, `p99.9`. */
export function quantileName(quantile: Fraction): string {
  return `p${Number((quantile * 100).toPrecision(6))}`;
}

/** A duration for a person who waits: `40 s`, `3 min`. */
export function waitingTime(seconds: Seconds): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
