import type { Cell, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { type Fraction, type PerSecond, shownNumber } from '../../model/quantities.ts';
import {
  type ByBlock,
  CONFIDENCE,
  exponential,
  geometricInterval,
  type Interval,
  meanInterval,
  normalQuantile,
} from '../../model/statistics.ts';
import {
  answersNothing,
  type CellState,
  findCeiling,
  isGivenUp,
  isHopeless,
  isNearSaturation,
  isSaturationSeen,
  type KnownCell,
  readCell,
} from './cell-state.ts';
import { culpritOf } from './load-curve.ts';
import { MOST_TRIALS } from './next-load.ts';
import { deriveWaitLimit, modelDeviation } from './posterior.ts';
import { capacityAt } from './queue-model.ts';
import { noiseAt } from './saturation-reading.ts';

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
      /** `'95 %'`: from the differences between blocks. `'model'`: from the queue model and the noise of the machine. */
      readonly interval: '95 %' | 'model';
    }
  | { readonly state: 'at-least'; readonly low: PerSecond; readonly limitedBy: LimitedBy }
  /** Every load was missed. */
  | { readonly state: 'none' }
  | { readonly state: 'unmeasured'; readonly reason: string };

/** Near capacity chance decides: a load may be carried this far (as a factor) above one that was missed. */
const DOUBTFUL = 1.3;

/** Estimates the capacity of a cell from its results; other cells' results are passed over. */
export function findCapacity(cell: Cell, results: readonly TrialResult[], experiment: Experiment): Capacity {
  return estimateCapacity(readCell(cell, results, experiment));
}

/** Estimates the capacity of a cell from its state. */
export function estimateCapacity(state: CellState): Capacity {
  const { curve, experiment } = state;
  if (!experiment.capacity) return { state: 'unmeasured', reason: 'the experiment does not ask for capacities' };
  const carried = curve.findLast(({ verdict }) => verdict.met);
  // A load that was missed far below one that was carried was disturbed, and is no limit.
  const missed = curve.some(
    ({ verdict, arrivalRate }) => !verdict.met && arrivalRate >= (carried?.arrivalRate ?? 0) / DOUBTFUL,
  );
  if (carried && state.posterior && (missed || isSaturationSeen(state) || isNearSaturation(state))) {
    return { state: 'bracketed', ...capacityInterval(state) };
  }
  if (carried) return { state: 'at-least', low: carried.arrivalRate, limitedBy: findLimit(state) };
  return isHopeless(state) || answersNothing(state)
    ? { state: 'none' }
    : { state: 'unmeasured', reason: whyUnmeasured(state) };
}

function findLimit(state: CellState): LimitedBy {
  const own = state.own.filter(({ trial }) => trial.purpose !== 'claim');
  const last = own.at(-1);
  if (Number.isFinite(findCeiling({ own }))) return 'generator';
  if (!isGivenUp({ own })) return state.curve.length >= MOST_TRIALS ? 'trials' : 'budget';
  const culprit = last?.state === 'invalid' ? culpritOf(last.reason) : 'count';
  return culprit === 'count' ? 'failures' : culprit;
}

function whyUnmeasured(state: CellState): string {
  const [lowest] = state.curve;
  if (lowest)
    return `it did not carry ${shownNumber(lowest.arrivalRate)}/s, and its search ended before a load that it does`;
  const last = state.own.at(-1);
  if (last?.state === 'failed') return last.error.message;
  if (last?.state !== 'invalid') return 'the search ended before its first capacity trial';
  const end = isGivenUp(state) ? '' : ', and the search ended before another';
  return `its trials were invalid (${last.reason.kind})${end}`;
}

/** Blocks from which a t-interval is taken. */
export const LEAST_BLOCKS = 4;

/** The interval that holds the capacity with a probability of 95 %. */
function capacityInterval(state: KnownCell): Interval & { readonly interval: '95 %' | 'model' } {
  const { estimates, shared } = readBlocks(state);
  if (state.experiment.blocks < LEAST_BLOCKS || estimates.size < LEAST_BLOCKS) {
    return { ...modelInterval(state), interval: 'model' };
  }
  return { ...widen(meanInterval([...estimates.values()].map(Math.log)), shared), interval: '95 %' };
}

function modelInterval({ light, curve, spoiled, posterior, experiment }: KnownCell): Interval {
  const at = (q: number) => Math.log(posterior.quantile(q));
  const interval = { estimate: at(0.5), low: at((1 - CONFIDENCE) / 2), high: at((1 + CONFIDENCE) / 2) };
  // One start of the workers, or few of them, does not show how the next one will do.
  const points = [...curve, ...spoiled];
  const starts = experiment.blocks > 1 ? new Set(points.map(({ trial }) => trial.block)).size : 1;
  const { betweenBlocks } = experiment.noise;
  const noise = Math.max(betweenBlocks, ...points.map(point => noiseAt(point, betweenBlocks, light)));
  const start = noise / Math.sqrt(Math.max(1, starts));
  return widen(interval, Math.hypot(start, modelDeviation(posterior)));
}

const z = normalQuantile((1 + CONFIDENCE) / 2);

/** The interval of a logarithm with a deviation besides, as an interval of the value itself. */
function widen({ estimate, low, high }: Interval, deviation: number): Interval {
  return exponential({
    estimate,
    low: estimate - Math.hypot(estimate - low, z * deviation),
    high: estimate + Math.hypot(high - estimate, z * deviation),
  });
}

/** A reading that is this uncertain (standard deviation of ln μ) comes from too low a load to stand for a block. */
const SHARP = 0.1;

/**
 * The capacity that each block shows by itself: from the saturation of its own trials, with the burstiness of all
 * blocks. Blocks without a trial near saturation have none.
 */
export function blockEstimates(cell: Cell, results: readonly TrialResult[], experiment: Experiment): ByBlock {
  return readBlocks(readCell(cell, results, experiment)).estimates;
}

/** What all blocks share, and their differences do not show: standard deviation of ln capacity. */
export function sharedDeviation(cell: Cell, results: readonly TrialResult[], experiment: Experiment): number {
  return readBlocks(readCell(cell, results, experiment)).shared;
}

/** The estimates of all blocks, and the deviation that they share. */
export function readBlocks(state: CellState): { readonly estimates: ByBlock; readonly shared: number } {
  if (state.posterior === undefined) return { estimates: new Map(), shared: 0 };
  const { light, curve, spoiled, posterior, experiment } = state;
  const { burstiness, deviation } = posterior;
  const limit = deriveWaitLimit(light, experiment);
  const sums = new Map<number, { weight: number; sum: number; errors: number }>();
  for (const { trial, reading } of [...curve, ...spoiled]) {
    if (reading === undefined || reading.error > SHARP) continue;
    const weight = 1 / (reading.error ** 2 + experiment.noise.betweenTrials ** 2);
    const block = sums.get(trial.block) ?? { weight: 0, sum: 0, errors: 0 };
    block.weight += weight;
    block.sum += weight * reading.logSaturation;
    block.errors += weight * reading.extrapolated;
    sums.set(trial.block, block);
  }
  const estimates = new Map(
    [...sums].map(([block, { weight, sum }]) => [
      block,
      capacityAt({ saturation: Math.exp(sum / weight), burstiness }, limit),
    ]),
  );
  // How demand falls from the load of a reading to saturation is the same in every block, and so is its error.
  const errors = [...sums.values()].map(({ weight, errors }) => errors / weight);
  const extrapolation = errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length);
  return { estimates, shared: Math.hypot(deviation.burstiness, extrapolation, modelDeviation(posterior)) };
}

/**
 * How far the 95 % t-interval between blocks reaches from a cell's capacity, as a part of it: 0.02 is ± 2 %. It leaves
 * out what all blocks share. Infinite with fewer than four blocks.
 */
export function measurePrecision(state: CellState): Fraction {
  const blocks = [...readBlocks(state).estimates.values()];
  if (blocks.length < LEAST_BLOCKS) return Number.POSITIVE_INFINITY;
  const { estimate, high } = geometricInterval(blocks);
  return high / estimate - 1;
}
