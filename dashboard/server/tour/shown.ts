import type { Interval } from '../../../model/statistics.ts';

/** A number of so many per second: `93.1/s`. */
export function perSecond(value: number): string {
  return `${rounded(value)}/s`;
}

/** A duration in the unit in which one would say it: `21.3 ms`, `1.52 s`. */
export function duration(seconds: number): string {
  return seconds < 1 ? `${rounded(seconds * 1000)} ms` : `${rounded(seconds)} s`;
}

/** `42 %`. */
export function percent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}

/** `118 MB`. */
export function megabytes(bytes: number): string {
  return `${rounded(bytes / 1e6)} MB`;
}

/** An estimate with its interval: `1.03 [0.97, 1.09]`. */
export function withInterval({ estimate, low, high }: Interval): string {
  return `${rounded(estimate)} [${rounded(low)}, ${rounded(high)}]`;
}

/** `1 worker`, `8 workers`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** With three significant digits at most: 1310 · 85.7 · 0.021. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return '?';
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3, useGrouping: false });
}
