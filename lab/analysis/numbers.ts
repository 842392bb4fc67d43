import type { Fraction, Seconds } from '../experiment/units.ts';

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
