import { shownNumber } from '../../model/quantities.ts';
import type { Interval } from '../../model/statistics.ts';
import type { Ratio } from '../compare/ratios.ts';

/** The readings in which a blocking and a non-blocking topology are compared; a ratio between them is never given without. */
export const fairReadings = [
  'workers = CPUs',
  'equal concurrency',
  'equal memory',
] as const satisfies Ratio['reading'][];

/** `14.2 × [12.9, 15.6]`. */
export function shownFactor({ estimate, low, high }: Interval): string {
  return `${shownNumber(estimate)} × [${shownNumber(low)}, ${shownNumber(high)}]`;
}

/** The same; an interval that holds 1 shows no difference: `1.08 × [0.97, 1.2] (tied)`. */
export function shownRatio(ratio: Interval): string {
  return `${shownFactor(ratio)}${ratio.low <= 1 && ratio.high >= 1 ? ' (tied)' : ''}`;
}

export function invertRatio(ratio: Ratio): Ratio {
  const { of, to, ofDeployment, toDeployment, estimate, low, high } = ratio;
  return {
    ...ratio,
    ...{ of: to, to: of, ofDeployment: toDeployment, toDeployment: ofDeployment },
    ...{ estimate: 1 / estimate, low: 1 / high, high: 1 / low },
  };
}

/** A pair of deployments, and its ratio in every reading. */
export interface RatioRow {
  readonly pair: string;
  readonly ratios: readonly Ratio[];
}

/** The ratios of one workload, a row for each pair. */
export function groupRatios(workload: string, ratios: readonly Ratio[]): RatioRow[] {
  const own = ratios.filter(ratio => ratio.workload === workload);
  return [...Map.groupBy(own, namePair)].map(([pair, inPair]) => ({ pair, ratios: inPair }));
}

function namePair({ of, to, ofDeployment, toDeployment, reading }: Ratio): string {
  // Two deployments of one topology, of which one is hidden.
  if (of === to) return `${ofDeployment} ÷ ${toDeployment}`;
  return `${of} ÷ ${isFair(reading) ? 'blocking workers' : to}`;
}

function isFair(reading: Ratio['reading']): reading is (typeof fairReadings)[number] {
  return fairReadings.some(fair => fair === reading);
}

/** A line for each pair: `hybrid ÷ blocking workers: 14.2 × [12.9, 15.6], workers = CPUs (sync-2x1-2); …`. */
export function describeRatios(workload: string, ratios: readonly Ratio[]): string[] {
  return groupRatios(workload, ratios).map(({ pair, ratios: own }) => {
    const readings = own.map(
      ratio => `${shownRatio(ratio)}, ${ratio.reading}${isFair(ratio.reading) ? ` (${ratio.toDeployment})` : ''}`,
    );
    return `${pair}: ${readings.join('; ')}`;
  });
}
