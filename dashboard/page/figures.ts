/** Measured figures as they are shown, with their units. */

/** A number of things a second: `86.4/s`. */
export function shownRate(perSecond: number): string {
  return `${shownNumber(perSecond)}/s`;
}

/** Seconds in the unit in which they are easily read: `21.1 ms`, `1.25 s`. */
export function shownTime(seconds: number): string {
  if (seconds < 0.0005) return seconds === 0 ? '0 ms' : '<1 ms';
  return seconds < 0.9995 ? `${shownNumber(seconds * 1000)} ms` : `${shownNumber(seconds)} s`;
}

/** A fraction in percent: `33 %`. */
export function shownFraction(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}

/** Bytes in megabytes, from a thousand of them on in gigabytes: `118 MB`, `1.25 GB`. */
export function shownBytes(bytes: number): string {
  const megabytes = bytes / 1e6;
  return megabytes < 999.5 ? `${Math.round(megabytes)} MB` : `${shownNumber(megabytes / 1000)} GB`;
}

/** A number of whole things: `1,204`. */
export function shownCount(count: number): string {
  return whole.format(Math.round(count));
}

/** A number with three digits that count: `86.4`, `1,310`. */
export function shownNumber(value: number): string {
  return threeDigits.format(value);
}

/** A moment (seconds since 1970) as a clock shows it where the page is read: `14:03:07`. */
export function shownMoment(time: number): string {
  return clock.format(time * 1000);
}

/** So many of something, in words: `1 worker`, `4 workers`. */
export function counted(count: number, noun: string): string {
  return `${shownCount(count)} ${count === 1 ? noun : `${noun}s`}`;
}

/** Names as a sentence lists them: `sync, async and hybrid`. */
export function listed(names: readonly string[]): string {
  return list.format(names);
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const threeDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const list = new Intl.ListFormat('en-GB', { type: 'conjunction' });
