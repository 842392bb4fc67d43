import type { Fraction, PerSecond } from '../../model/quantities.ts';
import { type Interval, median } from '../../model/statistics.ts';

/** One figure that was predicted and measured. */
export interface ScoredFigure {
  /** `wait on sync-2x1-2` */
  readonly cell: string;
  readonly figure: 'capacity' | 'p99' | 'throughput of users';
  /** Of an open load at which a p99 was measured. */
  readonly arrivalRate?: PerSecond;
  /** Each with its 95 % interval. */
  readonly predicted: Interval;
  readonly measured: Interval;
  /** predicted ÷ measured − 1 */
  readonly error: Fraction;
  /** The part of the error, without its sign, that lies beyond the combined interval. */
  readonly beyond: Fraction;
}

/** How far predictions were off, over all that was held out. */
export interface ModelScore {
  /** `held out`: cells that the experiment names. `one by one`: each cell by a model that was fitted to all others. */
  readonly by: 'held out' | 'one by one';
  readonly figures: readonly FigureScore[];
  readonly fittedTo: readonly string[];
  readonly predicted: readonly string[];
}

/** Errors of one kind of figure, without their sign. */
export interface FigureScore {
  readonly figure: ScoredFigure['figure'];
  readonly predictions: number;
  readonly plain: ErrorSummary;
  /** Beyond the combined interval of prediction and measurement. */
  readonly beyond: ErrorSummary;
}

export interface ErrorSummary {
  readonly median: Fraction;
  readonly most: Fraction;
}

/** A prediction held against a measurement: both on the log scale, where their widths add up as those of independent errors. */
export function scored(
  cell: string,
  figure: ScoredFigure['figure'],
  predicted: Interval,
  measured: Interval,
  arrivalRate?: PerSecond,
): ScoredFigure {
  // That nothing is carried where something is.
  if (predicted.estimate === 0) return { cell, figure, predicted, measured, error: -1, beyond: 1 };
  const off = Math.log(predicted.estimate / measured.estimate);
  // Above what was measured it is the prediction's lower end and the measurement's upper one that may meet.
  const width =
    off > 0
      ? Math.hypot(Math.log(predicted.estimate / predicted.low), Math.log(measured.high / measured.estimate))
      : Math.hypot(Math.log(predicted.high / predicted.estimate), Math.log(measured.estimate / measured.low));
  return {
    ...{ cell, figure, predicted, measured },
    ...(arrivalRate !== undefined && { arrivalRate }),
    error: predicted.estimate / measured.estimate - 1,
    beyond: Math.expm1(Math.max(0, Math.abs(off) - width)),
  };
}

/** Median and most of the errors, for each kind of figure that there is. */
export function summaryOf(figures: readonly ScoredFigure[]): FigureScore[] {
  return [...Map.groupBy(figures, ({ figure }) => figure)].map(([figure, own]) => ({
    figure,
    predictions: own.length,
    plain: errorsOf(own.map(({ error }) => Math.abs(error))),
    beyond: errorsOf(own.map(({ beyond }) => beyond)),
  }));
}

function errorsOf(errors: readonly Fraction[]): ErrorSummary {
  return { median: median(errors), most: Math.max(...errors) };
}
