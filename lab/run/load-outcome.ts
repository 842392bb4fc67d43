import { type Histogram, merged } from '../../model/histogram.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { type ErrorKind, errorKinds, type InProgress, type SourceOutcome, type StopCause } from '../../model/wire.ts';

/** What all sources of a load measured together. */
export interface LoadOutcome extends Omit<SourceOutcome, 'source' | 'steadyState' | 'completedInSteadyState'> {
  /** Scored arrivals per second. */
  readonly offeredLoad: PerSecond;
  /** Successful completions per second of steady state. */
  readonly throughput: PerSecond;
}

/** Seconds between two points of a merged series of requests in progress; the sources' own samples are as far apart. */
const STEP: Seconds = 0.05;

/** Adds up what the sources of one load measured; their histograms must share their objective. */
export function mergeOutcomes(outcomes: readonly SourceOutcome[]): LoadOutcome {
  const first = outcomes[0];
  if (first === undefined) throw new RangeError('a load without sources has no outcome');
  const sum = (of: (outcome: SourceOutcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  // Of a load that is stopped, each source has a steady state of its own length.
  const perSecond = (of: (outcome: SourceOutcome) => number) =>
    sum(outcome => (outcome.steadyState > 0 ? of(outcome) / outcome.steadyState : 0));
  const stoppedBy = stopCauseOf(outcomes);
  const duration = Math.max(...outcomes.map(outcome => outcome.duration));
  const histogram = (of: (outcome: SourceOutcome) => Histogram) => merged(outcomes.map(of), of(first).objective);
  return {
    scored: sum(outcome => outcome.scored),
    neverSent: sum(outcome => outcome.neverSent),
    outOfConnections: sum(outcome => outcome.outOfConnections),
    neverAnswered: sum(outcome => outcome.neverAnswered),
    errors: mergeErrors(outcomes),
    offeredLoad: perSecond(outcome => outcome.scored),
    throughput: perSecond(outcome => outcome.completedInSteadyState),
    responseTime: histogram(outcome => outcome.responseTime),
    responseTimeFromSend: histogram(outcome => outcome.responseTimeFromSend),
    scheduleLag: histogram(outcome => outcome.scheduleLag),
    inProgress: mergeSeries(outcomes.map(outcome => outcome.inProgress)),
    sent: sum(outcome => outcome.sent),
    succeeded: sum(outcome => outcome.succeeded),
    timeInProgress: sum(outcome => outcome.timeInProgress),
    meanInProgress: sum(outcome => outcome.meanInProgress * outcome.duration) / (duration || 1),
    duration,
    ...(stoppedBy && { stoppedBy }),
    ...(first.responses === undefined ? {} : { responses: outcomes.flatMap(outcome => outcome.responses ?? []) }),
  };
}

/** Silence is told even where another source still heard an order: the load did not end as it was meant to. */
function stopCauseOf(outcomes: readonly SourceOutcome[]): StopCause | undefined {
  const causes = outcomes.map(outcome => outcome.stoppedBy);
  return causes.includes('silence') ? 'silence' : causes.find(cause => cause !== undefined);
}

function mergeErrors(outcomes: readonly SourceOutcome[]): Record<ErrorKind, number> {
  const all = { timeout: 0, connection: 0, 'status-4xx': 0, 'status-503': 0, 'status-504': 0, 'status-5xx': 0 };
  for (const { errors } of outcomes) {
    for (const kind of errorKinds) all[kind] += errors[kind];
  }
  return all;
}

/** The series added up on one grid of times: between two samples a series is a straight line, after its last it is 0. */
function mergeSeries(series: readonly (readonly InProgress[])[]): InProgress[] {
  const end = Math.max(0, ...series.map(one => one.at(-1)?.time ?? 0));
  const all = Array.from({ length: Math.ceil(end / STEP) + 1 }, (_, index) => ({ time: index * STEP, requests: 0 }));
  for (const one of series) {
    let next = 0;
    for (const point of all) {
      while ((one[next]?.time ?? Number.POSITIVE_INFINITY) < point.time) next++;
      point.requests += valueAt(point.time, one[next - 1], one[next]);
    }
  }
  return all;
}

function valueAt(time: Seconds, before: InProgress | undefined, after: InProgress | undefined): number {
  if (after === undefined) return 0;
  if (before === undefined) return after.time - time < STEP ? after.requests : 0;
  const share = (time - before.time) / (after.time - before.time);
  return before.requests + share * (after.requests - before.requests);
}
