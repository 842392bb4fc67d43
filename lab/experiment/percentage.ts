import type { Fraction } from './units.ts';

/** `2%`, `0.5%` */
export const percentageText = /^\d+(?:\.\d+)?%$/;

/** A part as it stands in a file: a fraction, or a percentage. */
export function fractionOf(value: number | string): Fraction {
  return typeof value === 'number' ? value : Number((Number.parseFloat(value) / 100).toPrecision(12));
}
