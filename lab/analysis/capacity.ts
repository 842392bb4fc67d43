import type { Cell, Objective } from '../experiment/experiment.ts';
import type { InvalidReason, TrialResult } from '../experiment/trial-result.ts';
import type { PerSecond } from '../experiment/units.ts';
import { bracketOf, type LoadPoint, loadCurveOf, resultsOf } from './load-curve.ts';
import { isGivenUp, MOST_TRIALS } from './next-load.ts';
import { rounded } from './numbers.ts';

/** What ended a search that found no upper end; `contradictions`: what failed lies below what was carried. */
export type LimitedBy = 'generator' | 'machine' | 'failures' | 'contradictions' | 'budget' | 'trials';

/** The highest offered load at which the objective is met and requests in progress do not grow, as far as it is known. */
export type Capacity =
  | {
      readonly state: 'bracketed';
      /** The geometric middle of low and high: as many per cent from the one as from the other. */
      readonly estimate: PerSecond;
      /** Carried. */
      readonly low: PerSecond;
      /** Not carried. */
      readonly high: PerSecond;
      /** What low and high are: `'bracket'` promises no probability. */
      readonly interval: '95 %' | 'model' | 'bracket';
    }
  | { readonly state: 'at-least'; readonly low: PerSecond; readonly limitedBy: LimitedBy }
  /** Every load that was tried was missed. */
  | { readonly state: 'none' }
  | { readonly state: 'unmeasured'; readonly reason: string };

/** The capacity of a cell, from its results; other cells' results are passed over. */
export function capacityOf(cell: Cell, results: readonly TrialResult[], objective: Objective): Capacity {
  const own = resultsOf(cell, results);
  const curve = loadCurveOf(cell, own, objective);
  const { low, high } = bracketOf(curve);
  if (low !== undefined && high !== undefined) {
    return { state: 'bracketed', estimate: Math.sqrt(low * high), low, high, interval: 'bracket' };
  }
  if (low !== undefined) return { state: 'at-least', low, limitedBy: limitOf(own, curve) };
  const nothingCarried = curve.every(({ verdict }) => !verdict.met);
  if (nothingCarried && curve.length >= MOST_TRIALS) return { state: 'none' };
  return { state: 'unmeasured', reason: reasonOf(own, curve) };
}

function limitOf(own: readonly TrialResult[], curve: readonly LoadPoint[]): LimitedBy {
  const last = own.at(-1);
  if (isGivenUp(own) && last?.state === 'invalid') return giverOut(last.reason);
  if (isGivenUp(own)) return 'failures';
  if (curve.some(({ verdict }) => !verdict.met)) return 'contradictions';
  return curve.length >= MOST_TRIALS ? 'trials' : 'budget';
}

function giverOut({ kind }: InvalidReason): LimitedBy {
  if (kind === 'machine-disturbed' || kind === 'other-deployment-at-work') return 'machine';
  return kind === 'never-sent' || kind === 'schedule-lag' ? 'generator' : 'failures';
}

function reasonOf(own: readonly TrialResult[], curve: readonly LoadPoint[]): string {
  const failed = curve.find(({ verdict }) => !verdict.met);
  const carried = curve.findLast(({ verdict }) => verdict.met);
  if (failed && carried) {
    return `its trials are contradictory (${rounded(failed.arrivalRate)}/s was missed, ${rounded(carried.arrivalRate)}/s carried)`;
  }
  if (failed)
    return `it did not carry ${rounded(failed.arrivalRate)}/s, and its search ended before a load that it does`;
  const last = own.at(-1);
  if (last?.state === 'failed') return last.error.message;
  if (isGivenUp(own) && last?.state === 'invalid') return `its trials were invalid (${last.reason.kind})`;
  if (last?.state === 'invalid')
    return `its trials were invalid (${last.reason.kind}), and the search ended before another`;
  return 'the search ended before its first capacity trial';
}
