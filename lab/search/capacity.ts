import type { Cell, Experiment } from '../../model/experiment.ts';
import type { InvalidReason, TrialResult } from '../../model/measurement.ts';
import { type PerSecond, rounded } from '../../model/quantities.ts';
import { culpritOf } from '../explain/invalid-hints.ts';
import { capacityInterval } from './capacity-interval.ts';
import { knowledgeOf } from './knowledge.ts';
import { type LoadPoint, loadCurveOf, resultsOf } from './load-curve.ts';
import {
  answersNothing,
  ceilingOf,
  isGivenUp,
  isHopeless,
  isNearSaturation,
  isSaturationSeen,
  MOST_TRIALS,
} from './next-load.ts';

/** What ended a search that found no upper end. */
export type LimitedBy = 'generator' | 'machine' | 'failures' | 'budget' | 'trials';

/** The highest offered load at which the objective is met and requests in progress do not grow, as far as it is known. */
export type Capacity =
  | {
      readonly state: 'bracketed';
      readonly estimate: PerSecond;
      /** The interval holds the true capacity with a probability of 95 %. */
      readonly low: PerSecond;
      readonly high: PerSecond;
      /** `'95 %'`: by the differences between blocks. `'model'`: by a model of the queue and the noise of the machine. */
      readonly interval: '95 %' | 'model';
    }
  | { readonly state: 'at-least'; readonly low: PerSecond; readonly limitedBy: LimitedBy }
  /** Every load that was tried was missed. */
  | { readonly state: 'none' }
  | { readonly state: 'unmeasured'; readonly reason: string };

/** Near capacity chance decides: a load may be carried this far (as a factor) above one that was missed. */
const DOUBTFUL = 1.3;

/** The capacity of a cell, from its results; other cells' results are passed over. */
export function capacityOf(cell: Cell, results: readonly TrialResult[], experiment: Experiment): Capacity {
  if (!experiment.capacity) return { state: 'unmeasured', reason: 'the experiment does not ask for capacities' };
  const own = resultsOf(cell, results);
  const curve = loadCurveOf(cell, own, experiment.objective);
  const carried = curve.findLast(({ verdict }) => verdict.met);
  // A load that was missed far below one that was carried was disturbed, and is no limit.
  const missed = curve.some(
    ({ verdict, arrivalRate }) => !verdict.met && arrivalRate >= (carried?.arrivalRate ?? 0) / DOUBTFUL,
  );
  const known = knowledgeOf(cell, own, experiment);
  const isSeen =
    known !== undefined && (missed || isSaturationSeen(known, experiment) || isNearSaturation(known, experiment));
  if (carried && isSeen) return { state: 'bracketed', ...capacityInterval(cell, own, experiment) };
  if (carried) return { state: 'at-least', low: carried.arrivalRate, limitedBy: limitOf(own, curve) };
  return isHopeless(curve) || answersNothing(own)
    ? { state: 'none' }
    : { state: 'unmeasured', reason: reasonOf(own, curve) };
}

function limitOf(all: readonly TrialResult[], curve: readonly LoadPoint[]): LimitedBy {
  const own = all.filter(({ trial }) => trial.purpose !== 'claim');
  const last = own.at(-1);
  if (Number.isFinite(ceilingOf(own))) return 'generator';
  if (isGivenUp(own) && last?.state === 'invalid') return giverOut(last.reason);
  if (isGivenUp(own)) return 'failures';
  return curve.length >= MOST_TRIALS ? 'trials' : 'budget';
}

function giverOut(reason: InvalidReason): LimitedBy {
  const culprit = culpritOf(reason);
  return culprit === 'count' ? 'failures' : culprit;
}

function reasonOf(own: readonly TrialResult[], curve: readonly LoadPoint[]): string {
  const [lowest] = curve;
  if (lowest)
    return `it did not carry ${rounded(lowest.arrivalRate)}/s, and its search ended before a load that it does`;
  const last = own.at(-1);
  if (last?.state === 'failed') return last.error.message;
  if (isGivenUp(own) && last?.state === 'invalid') return `its trials were invalid (${last.reason.kind})`;
  if (last?.state === 'invalid')
    return `its trials were invalid (${last.reason.kind}), and the search ended before another`;
  return 'the search ended before its first capacity trial';
}
