import { rounded } from '../../model/quantities.ts';
import type { Interval } from '../../model/statistics.ts';
import type { Ratio } from '../compare/ratios.ts';

/** What no ratio between a blocking and a non-blocking topology is given without. */
export const fairReadings = [
  'workers = CPUs',
  'equal concurrency',
  'equal memory',
] as const satisfies Ratio['reading'][];

/** `14.2 × [12.9, 15.6]`. */
export function shownFactor({ estimate, low, high }: Interval): string {
  return `${rounded(estimate)} × [${rounded(low)}, ${rounded(high)}]`;
}

/** The same, and whether that shows a difference: an interval that holds 1 does not. */
export function shownRatio(ratio: Interval): string {
  const doubt = ratio.low <= 1 && ratio.high >= 1 ? ' (no difference was shown)' : '';
  return `${shownFactor(ratio)}${doubt}`;
}

/** The ratio the other way round. */
export function inverted(ratio: Ratio): Ratio {
  const { of, to, ofDeployment, toDeployment, estimate, low, high } = ratio;
  return {
    ...ratio,
    ...{ of: to, to: of, ofDeployment: toDeployment, toDeployment: ofDeployment },
    ...{ estimate: 1 / estimate, low: 1 / high, high: 1 / low },
  };
}

/** What is compared with what, in every reading: a row of the table of ratios. */
export interface RatioRow {
  readonly pair: string;
  readonly ratios: readonly Ratio[];
}

/** The ratios of one workload, a row for each pair. */
export function ratioRows(workload: string, ratios: readonly Ratio[]): RatioRow[] {
  const own = ratios.filter(ratio => ratio.workload === workload);
  return [...Map.groupBy(own, pairOf)].map(([pair, inPair]) => ({ pair, ratios: inPair }));
}

/** The fair readings are against blocking workers in whichever form has as many, or as much. */
function pairOf({ of, to, ofDeployment, toDeployment, reading }: Ratio): string {
  // Two of one topology, of which one tells nothing of itself.
  if (of === to) return `${ofDeployment} ÷ ${toDeployment}`;
  return `${of} ÷ ${isFair(reading) ? 'blocking workers' : to}`;
}

/** Whether it is one of the three readings that a loop and blocking workers are compared in. */
export function isFair(reading: Ratio['reading']): reading is (typeof fairReadings)[number] {
  return fairReadings.some(fair => fair === reading);
}

/** A line for each pair of a workload: `hybrid ÷ sync: 14.2 × [12.9, 15.6] with workers = CPUs, …`. */
export function ratioLines(workload: string, ratios: readonly Ratio[]): string[] {
  return ratioRows(workload, ratios).map(({ pair, ratios: own }) => {
    const readings = own.map(
      ratio => `${shownRatio(ratio)}, ${ratio.reading}${isFair(ratio.reading) ? ` (${ratio.toDeployment})` : ''}`,
    );
    return `${pair}: ${readings.join('; ')}`;
  });
}
