/** The values that a slider goes through: each a fixed ratio above the one before, in whole numbers. */
export interface LogScale {
  readonly values: readonly number[];
  /** Where on the slider a value lies, from 0: the place of the nearest value of the scale. */
  placeOf(value: number): number;
  /** The value at a place; outside of the slider that of its nearer end. */
  valueAt(place: number): number;
}

/**
 * A logarithmic scale from `lowest` to `highest`, both included. Steps are a twentieth, but never less than 1, so that
 * each step of an arrow key is another whole number.
 */
export function logScale(lowest: number, highest: number): LogScale {
  const values = [lowest];
  for (let last = lowest; last < highest; ) {
    last = Math.min(highest, Math.max(last + 1, twoDigits(last * STEP)));
    values.push(last);
  }
  return {
    values,
    placeOf(value) {
      let nearest = 0;
      for (const [place, candidate] of values.entries()) {
        if (distance(candidate, value) < distance(values[nearest] ?? lowest, value)) nearest = place;
      }
      return nearest;
    },
    valueAt: place => values[Math.round(Math.min(Math.max(place, 0), values.length - 1))] ?? lowest,
  };
}

/** The same in tenths, for numbers around 1. */
export function logScaleOfTenths(lowest: number, highest: number): LogScale {
  const tenths = logScale(Math.round(lowest * 10), Math.round(highest * 10));
  return {
    values: tenths.values.map(value => value / 10),
    placeOf: value => tenths.placeOf(value * 10),
    valueAt: place => tenths.valueAt(place) / 10,
  };
}

const STEP = 1.05;

function distance(one: number, other: number): number {
  return Math.abs(Math.log(Math.max(one, 0.5) / Math.max(other, 0.5)));
}

function twoDigits(value: number): number {
  return Number(value.toPrecision(2));
}
