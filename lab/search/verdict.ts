import type { Objective, Trial } from '../../model/experiment.ts';
import { countOverObjective, quantile } from '../../model/histogram.ts';
import type { Measurement } from '../../model/measurement.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { type Trend, trendOf } from './certainty.ts';

/** What a trial missed. */
export type Miss =
  | { readonly kind: 'nothing-scored' }
  | { readonly kind: 'response-time'; readonly overObjective: Fraction; readonly atQuantile: Seconds }
  | { readonly kind: 'errors'; readonly fraction: Fraction }
  | { readonly kind: 'throughput'; readonly ofOfferedLoad: Fraction }
  | { readonly kind: 'growth'; readonly perSecond: PerSecond }
  | { readonly kind: 'stopped-early' };

/** Whether a load was carried; when not, what was missed, the objective's own terms first. */
export interface Verdict {
  readonly met: boolean;
  readonly misses: readonly Miss[];
}

/**
 * Of the load that was really offered. Poisson arrivals of 100/s for 10 s are 1,000 ± 32: measured against λ a trial
 * would fail now and then because few arrivals happened to come.
 */
const LEAST_THROUGHPUT = 0.97;

/** Growth of requests in progress per arrival: the same 3 %, seen from inside. */
const MOST_GROWTH = 0.03;

/** Standard errors that a slope must lie above zero. */
const CLEAR_SLOPE = 2;

/** Whether a completed trial met the objective and would have gone on to meet it: requests in progress did not grow. */
export function verdictOf(trial: Trial, measurement: Measurement, objective: Objective): Verdict {
  const misses = [...missesOf(trial, measurement, objective)];
  return { met: misses.length === 0, misses };
}

/** Requests that failed ÷ arrivals that were scored. */
export function errorFractionOf({ errors, scored }: Measurement): Fraction {
  const failed = Object.values(errors).reduce((total, count) => total + count, 0);
  return scored === 0 ? 0 : failed / scored;
}

function* missesOf(trial: Trial, measurement: Measurement, objective: Objective): Generator<Miss> {
  const { responseTime, scored, offeredLoad, throughput } = measurement;
  if (scored === 0) yield { kind: 'nothing-scored' };
  // What was never answered stands in the histogram with the time limit, which is over the objective.
  const overObjective = scored === 0 ? 0 : countOverObjective(responseTime) / scored;
  // 1 − 0.99 is not quite 0.01 in binary: a trial with exactly 1 % over it has met the objective.
  if (overObjective > 1 - objective.quantile + 1e-9) {
    yield { kind: 'response-time', overObjective, atQuantile: quantile(responseTime, objective.quantile) };
  }
  const fraction = errorFractionOf(measurement);
  if (fraction > objective.errorFraction) yield { kind: 'errors', fraction };
  if (throughput < LEAST_THROUGHPUT * offeredLoad)
    yield { kind: 'throughput', ofOfferedLoad: throughput / offeredLoad };
  const { slope, error } = growthOf(trial, measurement);
  if (slope > MOST_GROWTH * offeredLoad && slope > CLEAR_SLOPE * error) yield { kind: 'growth', perSecond: slope };
  // It was stopped because no outcome of the rest could have met the objective.
  if (measurement.stoppedEarly) yield { kind: 'stopped-early' };
}

/** Seconds between the points of the trend: samples that are closer say the same thing several times. */
const APART: Seconds = 0.25;

/** The trend of requests in progress over the steady state, of means over a quarter of a second. */
export function growthOf({ phases: { warmUp, steadyState } }: Trial, { inProgress }: Measurement): Trend {
  const steady = inProgress.filter(({ time }) => time >= warmUp && time < warmUp + steadyState);
  const spans = Map.groupBy(steady, ({ time }) => Math.floor((time - warmUp) / APART));
  const points = [...spans].map(([span, samples]) => ({
    time: span * APART,
    value: samples.reduce((sum, { requests }) => sum + requests, 0) / samples.length,
  }));
  return trendOf(points);
}
