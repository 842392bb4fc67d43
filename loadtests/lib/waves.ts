import type { BurstResponse } from '../../model/wire.ts';

/** Responses that came close together, in the order in which they came. */
export type Wave = readonly BurstResponse[];

/** The waves of a burst: a new one begins after a gap of more than half the fastest response time. */
export function wavesOf(responses: readonly BurstResponse[]): Wave[] {
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
export function wavesText(responses: readonly BurstResponse[]): string {
  return wavesOf(responses)
    .flatMap((wave, index) => [
      `  wave ${index + 1}: ${wave.length} ${wave.length === 1 ? 'response' : 'responses'}`,
      ...wave.map(({ request, responseTime }) => {
        const place = responses.findIndex(response => response.request === request) + 1;
        return `    ${place}. request ${request} after ${(responseTime * 1000).toFixed(1)} ms`;
      }),
    ])
    .join('\n');
}
