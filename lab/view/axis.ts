import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from 'd3-scale';
import { shownNumber } from '../../model/quantities.ts';

/** An axis of a plot: what it spans, and the values that it names. */
export interface Axis {
  readonly scale: ScaleContinuousNumeric<number, number>;
  readonly ticks: readonly number[];
  readonly show: (value: number) => string;
  readonly name?: string;
  /** Its ticks are rows of a chart, with names of their own, and have no grid. */
  readonly isRows?: boolean;
}

type AxisOptions = Partial<Pick<Axis, 'ticks' | 'show' | 'name'>>;

/** A linear axis from one value to another, with about five round ticks unless other ones are wanted. */
export function linearAxis(
  from: number,
  to: number,
  { tickCount = 5, ...options }: AxisOptions & { tickCount?: number } = {},
): Axis {
  const scale = scaleLinear([from, to], [0, 1]);
  return { scale, ticks: scale.ticks(tickCount), show: shownNumber, ...options };
}

/** A log axis that spans these values, from one of 1, 2, 5, 10, 20, … to another. */
export function logAxis(values: readonly number[], options: AxisOptions = {}): Axis {
  const drawn = values.filter(value => value > 0 && Number.isFinite(value));
  const [least, most] = drawn.length === 0 ? [1, 10] : [Math.min(...drawn), Math.max(...drawn)];
  const from = steps.findLast(step => step <= least * 1.0001) ?? least;
  const to = steps.find(step => step >= most * 0.9999 && step > from) ?? most;
  const within = steps.filter(step => step >= from && step <= to);
  const ticks = to / from > MOST_STEPS ? within.filter(step => Number.isInteger(Math.log10(step))) : within;
  return { scale: scaleLog([from, to], [0, 1]), ticks, show: shownNumber, ...options };
}

const steps = Array.from({ length: 14 }, (_, index) => index - 5).flatMap(decade =>
  [1, 2, 5].map(step => Number(`${step}e${decade}`)),
);
/** Most ÷ least up to which all steps are named, and not powers of ten alone. */
const MOST_STEPS = 250;

/** A log axis of whole decades around these values, none below 0.0001, which are named. */
export function decadeAxis(values: readonly number[], options: AxisOptions = {}): Axis {
  const lowest = Math.floor(Math.log10(Math.max(1e-4, Math.min(...values))));
  const highest = Math.ceil(Math.log10(Math.max(...values)));
  const ticks = Array.from({ length: highest - lowest + 1 }, (_, index) => Number(`1e${lowest + index}`));
  return { scale: scaleLog([10 ** lowest, 10 ** highest], [0, 1]), ticks, show: shownNumber, ...options };
}

/** Rows with these names, the first on top; row `n` is at value `n`. */
export function rowAxis(names: readonly string[]): Axis {
  const scale = scaleLinear([names.length - 0.5, -0.5], [0, 1]);
  return { scale, ticks: [...names.keys()], show: row => names[row] ?? '', isRows: true };
}
