import { emptyHistogram, type Histogram, record } from '../../../model/histogram.ts';
import type { LiveReport, LiveTargetReport } from '../../../model/wire.ts';
import { OBJECTIVE } from '../../protocol.ts';

/** A report of a generator that has sent nothing, but for what is given. */
export function liveReport(given: Partial<LiveReport> & Pick<LiveReport, 'number'>): LiveReport {
  return {
    started: 1000,
    obeys: 0,
    source: 1,
    time: given.number / 4,
    sent: 0,
    completed: 0,
    inProgress: 0,
    overObjective: 0,
    failed: 0,
    targets: [],
    ...given,
  };
}

/** One target's part of it. */
export function targetReport(given: Partial<LiveTargetReport>): LiveTargetReport {
  return {
    name: 'hybrid',
    sent: 0,
    completed: 0,
    failed: 0,
    neverSent: 0,
    inProgress: 0,
    responseTime: emptyHistogram(OBJECTIVE),
    dots: [],
    endedDots: [],
    ...given,
  };
}

/** A histogram of these values, in seconds. */
export function histogramWith(...values: readonly number[]): Histogram {
  const histogram = emptyHistogram(OBJECTIVE);
  for (const value of values) record(histogram, value);
  return histogram;
}
