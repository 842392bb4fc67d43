import type { Cell, Objective } from '../experiment/experiment.ts';
import type { InvalidReason, TrialResult } from '../experiment/trial-result.ts';
import type { PerSecond } from '../experiment/units.ts';
import { bracketOf, loadCurveOf, resultsOf } from './load-curve.ts';
import { isGivenUp, MOST_TRIALS } from './next-load.ts';

/** What ended a search that never saw its cell fail. */
export type LimitedBy = 'generator' | 'machine' | 'budget' | 'trials';

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
  | { readonly state: 'none' }
  | { readonly state: 'unmeasured'; readonly reason: string };

/** The capacity of a cell, from its results; other cells' results are passed over. */
export function capacityOf(cell: Cell, results: readonly TrialResult[], objective: Objective): Capacity {
  const own = resultsOf(cell, results);
  const failed = own.find(({ state }) => state === 'failed');
  if (failed?.state === 'failed') return { state: 'unmeasured', reason: failed.error.message };

  const curve = loadCurveOf(cell, own, objective);
  const { low, high } = bracketOf(curve);
  if (low !== undefined && high !== undefined) {
    return { state: 'bracketed', estimate: Math.sqrt(low * high), low, high, interval: 'bracket' };
  }
  if (low !== undefined) return { state: 'at-least', low, limitedBy: limitOf(own, curve.length) };
  if (curve.length === 0) return { state: 'unmeasured', reason: reasonOf(own) };
  if (curve.length >= MOST_TRIALS) return { state: 'none' };
  return { state: 'unmeasured', reason: `the search ended before a load was found that it carries` };
}

function limitOf(own: readonly TrialResult[], trials: number): LimitedBy {
  const last = own.at(-1);
  if (isGivenUp(own) && last?.state === 'invalid') return giverOut(last.reason);
  return trials >= MOST_TRIALS ? 'trials' : 'budget';
}

function giverOut({ kind }: InvalidReason): LimitedBy {
  return kind === 'never-sent' || kind === 'schedule-lag' ? 'generator' : 'machine';
}

function reasonOf(own: readonly TrialResult[]): string {
  const last = own.at(-1);
  if (isGivenUp(own) && last?.state === 'invalid') return `its trials were invalid (${last.reason.kind})`;
  return 'the budget was used up before its first capacity trial';
}
