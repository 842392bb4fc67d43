import type { Seconds } from './units.ts';

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
