import {
  emptyHistogram,
  type Histogram,
  interpolatedQuantile,
  meanOf,
  quantile,
  record,
} from '../../model/histogram.ts';
import type { Seconds } from '../../model/quantities.ts';
import { median } from '../../model/statistics.ts';
import type { Accuracy } from './calibration.ts';
import { type Drive, type Driven, OBJECTIVE } from './drive.ts';
import { lastOf } from './stamps.ts';

/** How what k6 says of a load compares with what the server itself knows of it. */
export function accuracyOf({ path, arrivalRate }: Drive, { outcome, stamps, cpuPerRequest }: Driven): Accuracy {
  const truth = histogramOf(lastOf(stamps, outcome.scored).delay);
  const seen = outcome.responseTimeFromSend;
  const off = (of: (histogram: Histogram) => Seconds) => of(seen) - of(truth);
  return {
    path,
    arrivalRate,
    scored: outcome.scored,
    truth: { mean: meanOf(truth), ...quantilesOf(truth) },
    off: { mean: off(meanOf), p50: off(one => quantilesOf(one).p50), p99: off(one => quantilesOf(one).p99) },
    scheduleLag: { p50: quantile(outcome.scheduleLag, 0.5), p99: quantile(outcome.scheduleLag, 0.99) },
    cpuPerRequest: path === 'nginx' ? cpuPerRequest : { ...cpuPerRequest, nginx: 0 },
  };
}

/** Of repeats of one load: all their requests, and the median of each figure. */
export function medianAccuracy(repeats: readonly Accuracy[]): Accuracy {
  const [first] = repeats;
  if (first === undefined) throw new RangeError('a load that was never driven has no accuracy');
  const middle = (of: (accuracy: Accuracy) => number) => median(repeats.map(of));
  const { path, arrivalRate } = first;
  return {
    path,
    arrivalRate,
    scored: repeats.reduce((sum, { scored }) => sum + scored, 0),
    truth: {
      mean: middle(one => one.truth.mean),
      p50: middle(one => one.truth.p50),
      p99: middle(one => one.truth.p99),
    },
    off: { mean: middle(one => one.off.mean), p50: middle(one => one.off.p50), p99: middle(one => one.off.p99) },
    scheduleLag: { p50: middle(one => one.scheduleLag.p50), p99: middle(one => one.scheduleLag.p99) },
    cpuPerRequest: { k6: middle(one => one.cpuPerRequest.k6), nginx: middle(one => one.cpuPerRequest.nginx) },
  };
}

function quantilesOf(histogram: Histogram): { p50: Seconds; p99: Seconds } {
  return { p50: interpolatedQuantile(histogram, 0.5), p99: interpolatedQuantile(histogram, 0.99) };
}

/** In the same buckets as k6's, so that their width is no difference. */
function histogramOf(delays: readonly Seconds[]): Histogram {
  const histogram = emptyHistogram(OBJECTIVE);
  for (const delay of delays) record(histogram, delay);
  return histogram;
}
