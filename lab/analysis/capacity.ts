import type { Cell, Experiment } from '../experiment/experiment.ts';
import type { InvalidReason, TrialResult } from '../experiment/trial-result.ts';
import type { PerSecond } from '../experiment/units.ts';
import { blockEstimates } from './block-estimates.ts';
import { exponential, type Interval, meanInterval, normalQuantile } from './intervals.ts';
import { lightLookOf } from './light-look.ts';
import { bracketOf, type LoadPoint, loadCurveOf, resultsOf } from './load-curve.ts';
import { isGivenUp, isHopeless, MOST_TRIALS } from './next-load.ts';
import { rounded } from './numbers.ts';
import { posteriorOf } from './posterior.ts';

/** What ended a search that found no upper end; `contradictions`: what failed lies below what was carried. */
export type LimitedBy = 'generator' | 'machine' | 'failures' | 'contradictions' | 'budget' | 'trials';

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

/** Blocks from which a t-interval is taken. */
export const LEAST_BLOCKS = 4;
const CONFIDENCE = 0.95;

/** The capacity of a cell, from its results; other cells' results are passed over. */
export function capacityOf(cell: Cell, results: readonly TrialResult[], experiment: Experiment): Capacity {
  const own = resultsOf(cell, results);
  const curve = loadCurveOf(cell, own, experiment.objective);
  const { low, high } = bracketOf(curve);
  if (low !== undefined && high !== undefined) {
    const { kind, interval } = capacityInterval(cell, own, curve, experiment);
    return { state: 'bracketed', ...interval, interval: kind };
  }
  if (low !== undefined) return { state: 'at-least', low, limitedBy: limitOf(own, curve) };
  return isHopeless(curve) ? { state: 'none' } : { state: 'unmeasured', reason: reasonOf(own, curve) };
}

function capacityInterval(
  cell: Cell,
  own: readonly TrialResult[],
  curve: readonly LoadPoint[],
  experiment: Experiment,
): { kind: '95 %' | 'model'; interval: Interval } {
  const light = lightLookOf(own, experiment);
  if (light === undefined) throw new RangeError('a cell with a curve has had its light trial');
  const posterior = posteriorOf(light, curve, experiment);
  const z = normalQuantile((1 + CONFIDENCE) / 2);
  const blocks = experiment.blocks < LEAST_BLOCKS ? [] : [...blockEstimates(cell, own, experiment).values()];
  if (blocks.length >= LEAST_BLOCKS) {
    const { estimate, low, high } = meanInterval(blocks.map(Math.log), CONFIDENCE);
    // All blocks share one burstiness, which their differences do not show.
    const shared = z * posterior.deviation.burstiness;
    const interval = {
      estimate,
      low: estimate - Math.hypot(estimate - low, shared),
      high: estimate + Math.hypot(high - estimate, shared),
    };
    return { kind: '95 %', interval: exponential(interval) };
  }
  const middle = Math.log(posterior.quantile(0.5));
  // One start of the workers says nothing of how the next one will do.
  const start = z * (experiment.blocks > 1 ? 0 : experiment.noise.betweenBlocks);
  const [below, above] = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2].map(
    q => Math.log(posterior.quantile(q)) - middle,
  );
  const interval = {
    estimate: middle,
    low: middle - Math.hypot(below ?? 0, start),
    high: middle + Math.hypot(above ?? 0, start),
  };
  return { kind: 'model', interval: exponential(interval) };
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
