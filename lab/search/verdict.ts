import type { Objective, Trial } from '../../model/experiment.ts';
import { countOverObjective, quantile } from '../../model/histogram.ts';
import type { Measurement } from '../../model/measurement.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { mean } from '../../model/statistics.ts';

/** What a trial missed. */
export type Miss =
  | { readonly kind: 'nothing-scored' }
  | { readonly kind: 'response-time'; readonly overObjective: Fraction; readonly atQuantile: Seconds }
  | { readonly kind: 'errors'; readonly fraction: Fraction }
  | { readonly kind: 'throughput'; readonly ofOfferedLoad: Fraction }
  | { readonly kind: 'growth'; readonly perSecond: PerSecond }
  | { readonly kind: 'stopped-early' };

/** Whether a load was carried, and if not, what was missed: the objective's own terms first. */
export interface Verdict {
  readonly met: boolean;
  readonly misses: readonly Miss[];
}

/** Least throughput ÷ offered load. By what was really offered: 100/s for 10 s are 1,000 ± 32 Poisson arrivals. */
const LEAST_THROUGHPUT = 0.97;
/** Largest growth of requests in progress per arrival: the same 3 %, seen from inside. */
const MOST_GROWTH = 0.03;
/** Standard errors that a slope must lie above zero. */
const CLEAR_SLOPE = 2;

/** Judges whether a completed trial met the objective, and would go on to meet it: requests in progress did not grow. */
export function judgeTrial(trial: Trial, measurement: Measurement, objective: Objective): Verdict {
  const misses = [...findMisses(trial, measurement, objective)];
  return { met: misses.length === 0, misses };
}

/** Failed requests ÷ scored arrivals. */
export function computeErrorFraction({ errors, scored }: Measurement): Fraction {
  const failed = Object.values(errors).reduce((total, count) => total + count, 0);
  return scored === 0 ? 0 : failed / scored;
}

function* findMisses(trial: Trial, measurement: Measurement, objective: Objective): Generator<Miss> {
  const { responseTime, scored, offeredLoad, throughput } = measurement;
  if (scored === 0) yield { kind: 'nothing-scored' };
  // A request without an answer is in the histogram with the time limit, which is over the objective.
  const overObjective = scored === 0 ? 0 : countOverObjective(responseTime) / scored;
  // 1 − 0.99 is not quite 0.01 in binary.
  if (overObjective > 1 - objective.quantile + 1e-9) {
    yield { kind: 'response-time', overObjective, atQuantile: quantile(responseTime, objective.quantile) };
  }
  const fraction = computeErrorFraction(measurement);
  if (fraction > objective.errorFraction) yield { kind: 'errors', fraction };
  if (throughput < LEAST_THROUGHPUT * offeredLoad)
    yield { kind: 'throughput', ofOfferedLoad: throughput / offeredLoad };
  const { slope, error } = trendInProgress(trial, measurement);
  if (slope > MOST_GROWTH * offeredLoad && slope > CLEAR_SLOPE * error) yield { kind: 'growth', perSecond: slope };
  // A trial is stopped when no outcome of the rest could meet the objective.
  if (measurement.stoppedEarly) yield { kind: 'stopped-early' };
}

/** Counts of scored arrivals while a trial runs. */
interface Progress {
  /** Over the objective's time by now, or failed. */
  readonly overObjective: number;
  readonly failed: number;
}

/** Standard deviations: a false alarm in a thousand looks or less. */
const DEVIATIONS = 3;

/** Whether a trial can no longer meet the objective: more arrivals are late or failed than its whole steady state allows. */
export function isFailureCertain(progress: Progress, trial: Trial, objective: Objective): boolean {
  // A claim may be about what happens beyond the objective.
  if (trial.purpose === 'light' || trial.purpose === 'claim' || trial.load.model !== 'open') return false;
  const arrivals = trial.load.arrivalRate * trial.phases.steadyState;
  // A failed request may be late too: count only the surely late ones as late.
  const late = progress.overObjective - progress.failed;
  return (
    isClearlyOver(late, arrivals * (1 - objective.quantile)) ||
    isClearlyOver(progress.failed, arrivals * objective.errorFraction)
  );
}

/** count > m + 3 √m + 3, where m is allowed: chance does not explain it. The last 3 is for small m, where Poisson counts are skewed. */
function isClearlyOver(count: number, allowed: number): boolean {
  return count > allowed + DEVIATIONS * Math.sqrt(allowed) + DEVIATIONS;
}

/** A straight line through points, by least squares. */
interface Trend {
  /** Change per second. */
  readonly slope: number;
  /** Standard error of the slope, widened for residuals that follow each other. */
  readonly error: number;
}

/** Seconds between the points of the trend: closer samples repeat each other. */
const APART: Seconds = 0.25;

/** The trend of requests in progress over the steady state, from means over a quarter of a second. */
export function trendInProgress({ phases: { warmUp, steadyState } }: Trial, { inProgress }: Measurement): Trend {
  const steady = inProgress.filter(({ time }) => time >= warmUp && time < warmUp + steadyState);
  const spans = Map.groupBy(steady, ({ time }) => Math.floor((time - warmUp) / APART));
  return fitTrend(
    [...spans].map(([span, samples]) => ({
      time: span * APART,
      value: mean(samples.map(({ requests }) => requests)),
    })),
  );
}

/**
 * Neighbours in time are alike, so the textbook error of a slope is too small by √((1 + r) ÷ (1 − r)), where r is the
 * correlation of a residual with the next.
 */
function fitTrend(points: readonly { readonly time: number; readonly value: number }[]): Trend {
  const n = points.length;
  if (n < 3) return { slope: 0, error: Number.POSITIVE_INFINITY };
  const meanTime = mean(points.map(({ time }) => time));
  const meanValue = mean(points.map(({ value }) => value));
  const spread = sum(points.map(({ time }) => (time - meanTime) ** 2));
  const slope = sum(points.map(({ time, value }) => (time - meanTime) * (value - meanValue))) / spread;
  const residuals = points.map(({ time, value }) => value - meanValue - slope * (time - meanTime));
  const squares = sum(residuals.map(residual => residual ** 2));
  const products = sum(residuals.slice(1).map((residual, index) => residual * (residuals[index] ?? 0)));
  // Not below 0: alternating samples are no reason to trust the slope more. Not above 0.95: the estimate is noisy.
  const correlation = squares === 0 ? 0 : Math.min(0.95, Math.max(0, products / squares));
  return { slope, error: Math.sqrt((squares / (n - 2) / spread) * ((1 + correlation) / (1 - correlation))) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
