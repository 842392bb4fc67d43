import type { Interval } from '../analysis/intervals.ts';
import type { Fraction } from '../experiment/units.ts';

/** How far predictions were off, over all that was held out. */
export interface ModelScore {
  readonly capacity: ErrorSummary;
  readonly p99: ErrorSummary;
  /** Which cells the model was fitted to, and which it had to predict. */
  readonly fittedTo: readonly string[];
  readonly heldOut: readonly string[];
}

/** Errors as fractions of what was measured. */
export interface ErrorSummary {
  readonly predictions: number;
  /** |predicted ÷ measured − 1| */
  readonly plain: { readonly median: Fraction; readonly most: Fraction };
  /** What of it lies beyond the combined 95 % interval. */
  readonly beyond: { readonly median: Fraction; readonly most: Fraction };
}

/** One figure that was predicted and measured. */
export interface ScoredFigure {
  readonly cell: string;
  readonly figure: 'capacity' | 'p99' | 'throughput';
  readonly predicted: Interval;
  readonly measured: Interval;
  readonly error: Fraction;
  readonly beyond: Fraction;
}
