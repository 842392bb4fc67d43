/** What axes of every plot have in common: ink that follows the page, thin lines, no ornament. */
const quiet = {
  axisLine: { show: true, lineStyle: { color: 'var(--rule)' } },
  axisTick: { show: false },
  axisLabel: { color: 'var(--soft)', fontSize: 11.5, hideOverlap: true },
  splitLine: { show: true, lineStyle: { color: 'var(--hair)' } },
  nameTextStyle: { color: 'var(--soft)', fontSize: 11.5 },
};

/** The room around a plot's frame for its labels, in units of the drawing. */
export const grid = { left: 52, right: 16, top: 28, bottom: 42 };

/** A horizontal axis; its name stands under its middle. */
export function across(name: string, given: object = {}): object {
  return { ...quiet, type: 'value', name, nameLocation: 'middle', nameGap: 26, ...given };
}

/** A vertical axis; its name stands above its end. */
export function upward(name: string, given: object = {}): object {
  const nameTextStyle = { ...quiet.nameTextStyle, align: 'left', padding: [0, 0, 0, -44] };
  return { ...quiet, type: 'value', name, nameLocation: 'end', nameGap: 12, nameTextStyle, ...given };
}

/** The room at the left of rows for the longest of their names. */
export function roomFor(names: readonly string[]): number {
  return 16 + 7 * Math.max(8, ...names.map(({ length }) => length));
}

/** Rows with their names, the first on top. */
export function rows(names: readonly string[], given: object = {}): object {
  return {
    ...quiet,
    type: 'category',
    data: names,
    inverse: true,
    splitLine: { show: false },
    axisLabel: { color: 'var(--ink)', fontSize: 12 },
    ...given,
  };
}

/** A log axis that spans what is drawn, from one of 1, 2, 5, 10, 20, … to another; short ones name all of these. */
export function logSpan(values: readonly number[]): object {
  const drawn = values.filter(value => value > 0 && Number.isFinite(value));
  const [least, most] = drawn.length === 0 ? [1, 10] : [Math.min(...drawn), Math.max(...drawn)];
  const min = steps.findLast(step => step <= least * 1.0001) ?? least;
  const max = steps.find(step => step >= most * 0.9999) ?? most;
  if (max / min > MOST_NAMED) return { type: 'log', min, max };
  const customValues = steps.filter(step => step >= min && step <= max);
  return {
    type: 'log',
    min,
    max,
    axisTick: { show: false, customValues },
    axisLabel: { ...quiet.axisLabel, customValues },
  };
}

const steps = Array.from({ length: 10 }, (_, index) => 10 ** (index - 3)).flatMap(decade =>
  [1, 2, 5].map(step => step * decade),
);
/** Most ÷ least up to which there is room for every name. */
const MOST_NAMED = 250;
