import type { ClaimId, Experiment } from '../../../model/experiment.ts';
import { emptyHistogram, type Histogram, record } from '../../../model/histogram.ts';
import type { Measurement, TrialResult, WorkerActivity } from '../../../model/measurement.ts';
import { experimentWith, trialAt, waitOn } from '../../search/testdata/cells.ts';
import { nothingMeasured } from '../../search/testdata/simulated-service.ts';

const OBJECTIVE = 0.25;
/** How far blocks lie from the middle, in parts of the spread; their mean is 0. */
const DEVIATIONS = [-1, 1, -0.4, 0.4];

/** What each part of a claim measured: `wobble` is 1 but for the spread between blocks. */
export type Measured = Readonly<Record<string, (wobble: number) => Partial<Measurement>>>;

/** Four blocks in which a claim's parts measured this; the wobble of one part is another's the other way round. */
export function constructed(
  id: ClaimId,
  measured: Measured,
  spread = 0.001,
): { experiment: Experiment; results: TrialResult[] } {
  const results = DEVIATIONS.flatMap((deviation, block) =>
    Object.entries(measured).map(([part, fill], index): TrialResult => {
      const trial = { ...trialAt(100, waitOn('sync')), block, purpose: 'claim' as const, claim: { id, part } };
      const wobble = 1 + spread * deviation * (index % 2 === 0 ? 1 : -1);
      const measurement = { ...nothingMeasured(OBJECTIVE), ...fill(wobble) };
      return { state: 'completed', trial, elapsed: 10, measurement };
    }),
  );
  return { experiment: { ...experimentWith([]), blocks: DEVIATIONS.length, claims: [id] }, results };
}

/** Response times that are all the same, at 100/s for 10 s. */
export function withResponses(seconds: number): Partial<Measurement> {
  const responseTime = histogramWith([[seconds, 1000]]);
  return { scored: 1000, offeredLoad: 100, throughput: 100, responseTime, responseTimeFromSend: responseTime };
}

/** A histogram of so many of each value, in seconds. */
export function histogramWith(values: readonly (readonly [seconds: number, times: number])[]): Histogram {
  const histogram = emptyHistogram(OBJECTIVE);
  for (const [seconds, times] of values) if (times > 0) record(histogram, seconds, times);
  return histogram;
}

/** Workers that held a connection, and were busy, for so long a request. */
export function workersWith(seconds: number, mostAtOnce: readonly number[] = [1]): readonly WorkerActivity[] {
  return mostAtOnce.map((most, index) => ({
    ...{ name: `worker-${index}`, completed: 100, busy: 100 * seconds, databaseWait: 100 * seconds },
    ...{ connectionsHeld: 100 * seconds, connectionWait: 0, inProgress: { mean: most, most } },
  }));
}

/** A burst whose responses came after so many seconds. */
export function withBurst(seconds: readonly number[]): Partial<Measurement> {
  return { responses: seconds.map((responseTime, index) => ({ request: index + 1, responseTime })) };
}
