import {
  emptyHistogram,
  type Histogram,
  interpolatedQuantile,
  meanOf,
  quantile,
  record,
} from '../../loadtests/lib/histogram.ts';
import type { Seconds } from '../experiment/units.ts';
import type { Accuracy, TimesSeen } from './calibration.ts';
import { type Drive, type Driven, OBJECTIVE } from './drive.ts';
import { lastOf } from './stamps.ts';

/** How what k6 says of a load compares with what the server itself knows of it. */
export function accuracyOf({ path, arrivalRate }: Drive, { outcome, stamps, cpuPerRequest }: Driven): Accuracy {
  return {
    path,
    arrivalRate,
    scored: outcome.scored,
    truth: timesOf(histogramOf(lastOf(stamps, outcome.scored).delay)),
    seen: timesOf(outcome.responseTimeFromSend),
    scheduleLag: { p50: quantile(outcome.scheduleLag, 0.5), p99: quantile(outcome.scheduleLag, 0.99) },
    cpuPerRequest: path === 'nginx' ? cpuPerRequest : { ...cpuPerRequest, nginx: 0 },
  };
}

function timesOf(histogram: Histogram): TimesSeen {
  return {
    mean: meanOf(histogram),
    p50: interpolatedQuantile(histogram, 0.5),
    p99: interpolatedQuantile(histogram, 0.99),
  };
}

/** In the same buckets as k6's, so that their width is no difference. */
function histogramOf(delays: readonly Seconds[]): Histogram {
  const histogram = emptyHistogram(OBJECTIVE);
  for (const delay of delays) record(histogram, delay);
  return histogram;
}
