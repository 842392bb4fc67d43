import { countOverObjective, type Histogram, meanOf, quantile } from '../../model/histogram.ts';
import type { BurstResponse, SourceOutcome } from '../../model/wire.ts';
import type { LoadSettings } from './settings.ts';

/** What a source measured: as JSON, or in lines that a person can read. */
export function describeLoad(settings: LoadSettings, load: string, outcome: SourceOutcome): string {
  if (settings.json) return JSON.stringify(outcome);
  const { errors, scored, neverSent, neverAnswered, inProgress, responseTime } = outcome;
  const failed = Object.entries(errors).filter(([, count]) => count > 0);
  const requests = inProgress.map(sample => sample.requests);
  const over = countOverObjective(responseTime);
  const source = settings.sources > 1 ? ` (source ${outcome.source} of ${settings.sources})` : '';
  return [
    `${load} at ${settings.target}${source}${outcome.stoppedBy ? ', stopped early' : ''}`,
    `  scored               ${scored} requests`,
    `  failed               ${failed.map(([kind, count]) => `${count} ${kind}`).join(', ') || 'none'}`,
    `  never sent           ${neverSent}`,
    `  never answered       ${neverAnswered}`,
    `  response time        ${times(responseTime)}`,
    `  from the real send   ${times(outcome.responseTimeFromSend)}`,
    `  schedule lag         ${times(outcome.scheduleLag)}`,
    `  over ${shownMilliseconds(settings.objective).padEnd(15)} ${over} (${((100 * over) / Math.max(1, scored)).toFixed(2)} %)`,
    `  in progress          mean ${outcome.meanInProgress.toFixed(1)}${requests.length > 0 ? `, most ${Math.max(...requests)}` : ''}`,
    ...(outcome.responses ? [describeWaves(outcome.responses)] : []),
  ].join('\n');
}

function times(histogram: Histogram): string {
  if (histogram.count === 0) return 'none';
  const quantiles = [0.5, 0.9, 0.99].map(q => `p${100 * q} ${shownMilliseconds(quantile(histogram, q))}`);
  return [`mean ${shownMilliseconds(meanOf(histogram))}`, ...quantiles, `max ${shownMilliseconds(histogram.max)}`].join(
    '   ',
  );
}

/** Seconds as milliseconds with three digits; k6 has no Intl for the printers of model/quantities.ts. */
function shownMilliseconds(seconds: number): string {
  return `${Number((seconds * 1000).toPrecision(3))} ms`;
}

/** The waves of a burst, each in the order of coming: a new one begins after a gap of more than half the fastest response time. */
export function splitIntoWaves(responses: readonly BurstResponse[]): BurstResponse[][] {
  const ordered = [...responses].sort((one, other) => one.responseTime - other.responseTime);
  const longestGap = (ordered[0]?.responseTime ?? 0) / 2;
  const waves: BurstResponse[][] = [];
  let previous = Number.NEGATIVE_INFINITY;
  for (const response of ordered) {
    if (response.responseTime - previous > longestGap) waves.push([]);
    waves.at(-1)?.push(response);
    previous = response.responseTime;
  }
  return waves;
}

/** Every response by wave, in lines that a person can read. */
export function describeWaves(responses: readonly BurstResponse[]): string {
  return splitIntoWaves(responses)
    .flatMap((wave, index) => [
      `  wave ${index + 1}: ${wave.length} ${wave.length === 1 ? 'response' : 'responses'}`,
      ...wave.map(({ request, responseTime }) => {
        const place = responses.findIndex(response => response.request === request) + 1;
        return `    ${place}. request ${request} after ${(responseTime * 1000).toFixed(1)} ms`;
      }),
    ])
    .join('\n');
}
