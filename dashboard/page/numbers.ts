/** The values of a slider: each 5 % above the one before, in multiples of `unit`; from 0 in steps of one unit. */
export function sliderScale(lowest: number, highest: number, unit = 1): readonly number[] {
  const last = Math.round(highest / unit);
  const units: number[] = [];
  for (let value = Math.round(lowest / unit); value < last; ) {
    units.push(value);
    value = lowest === 0 ? value + 1 : Math.max(value + 1, Number((value * 1.05).toPrecision(2)));
  }
  return [...units, last].map(value => Number((value * unit).toFixed(3)));
}

/** The index of the value that is nearest on a logarithmic scale. */
export function placeOn(scale: readonly number[], value: number): number {
  const distances = scale.map(candidate => Math.abs(Math.log(Math.max(candidate, 0.05) / Math.max(value, 0.05))));
  return distances.indexOf(Math.min(...distances));
}
