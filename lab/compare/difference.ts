import { cellName } from '../../model/experiment.ts';
import type { Fraction } from '../../model/quantities.ts';
import { exponential, geometricInterval, type Interval, quotient, welchHalfWidth } from '../../model/statistics.ts';
import { type Capacity, LEAST_BLOCKS } from '../search/capacity.ts';

import { commonCells, notesOf, refusalsOf, type TwoRuns } from './comparable.ts';
import { type ComparedCell, compareResults, type Results } from './comparison.ts';

/**
 * What became of a cell's capacity. `regression`: the whole interval of the ratio lies below what is allowed;
 * `not shown`: the interval holds the line, or there is none.
 */
export type CapacityChange = 'regression' | 'improvement' | 'no regression' | 'not shown';

/** One cell in both runs. */
export interface ChangedCell {
  readonly cell: string;
  readonly before: ComparedCell;
  readonly after: ComparedCell;
  /** Capacity after ÷ capacity before, with its 95 % interval; absent where one of them is not known. */
  readonly ratio?: Interval & { readonly method: Method };
  readonly change: CapacityChange;
}

/** `blocks`: Welch's interval for two samples of blocks. `intervals`: from the intervals of both capacities. */
export type Method = 'blocks' | 'intervals';

/** Two runs beside each other. */
export type Difference =
  | { readonly state: 'refused'; readonly reasons: readonly string[] }
  | {
      readonly state: 'compared';
      /** By how much less a capacity may be. */
      readonly allow: Fraction;
      readonly cells: readonly ChangedCell[];
      /** What differs between the runs and does not forbid to compare them. */
      readonly notes: readonly string[];
    };

/** How the second of two runs differs from the first; capacities that are less by the fraction `allow` are allowed. */
export function differenceOf(runs: TwoRuns, allow: Fraction): Difference {
  const reasons = [...refusalsOf(runs)];
  if (reasons.length > 0) return { state: 'refused', reasons };
  const [before, after] = [runs.before, runs.after].map(byCell);
  const cells = commonCells(runs).flatMap(cell => {
    const name = cellName(cell);
    const [was, is] = [before?.get(name), after?.get(name)];
    if (was === undefined || is === undefined) return [];
    const ratio = ratioOf(was, is);
    const change = changeOf(ratio, was.capacity, is.capacity, allow);
    return [{ cell: name, before: was, after: is, ...(ratio && { ratio }), change }];
  });
  return { state: 'compared', allow, cells, notes: notesOf(runs) };
}

function byCell(run: Results): Map<string, ComparedCell> {
  const { cells } = compareResults(run);
  return new Map(run.experiment.cells.flatMap((cell, index) => (cells[index] ? [[cellName(cell), cells[index]]] : [])));
}

function changeOf(ratio: Interval | undefined, before: Capacity, after: Capacity, allow: Fraction): CapacityChange {
  if (ratio === undefined) {
    const [least, most] = [leastOf(before), mostOf(after)];
    return least > 0 && most < (1 - allow) * least ? 'regression' : 'not shown';
  }
  if (ratio.high < 1 - allow) return 'regression';
  if (ratio.low > 1) return 'improvement';
  return ratio.low >= 1 - allow ? 'no regression' : 'not shown';
}

/** What was surely carried. */
function leastOf(capacity: Capacity): number {
  return capacity.state === 'bracketed' || capacity.state === 'at-least' ? capacity.low : 0;
}

/** What is surely not carried; a capacity that could not be measured may be anything. */
function mostOf(capacity: Capacity): number {
  if (capacity.state === 'none') return 0;
  return capacity.state === 'bracketed' ? capacity.high : Number.POSITIVE_INFINITY;
}

function ratioOf(before: ComparedCell, after: ComparedCell): ChangedCell['ratio'] {
  const [was, is] = [before.capacity, after.capacity];
  if (was.state !== 'bracketed' || is.state !== 'bracketed') return undefined;
  const isByBlocks = was.interval === '95 %' && is.interval === '95 %';
  if (!isByBlocks) return { ...quotient(is, was), method: 'intervals' };
  const estimate = Math.log(is.estimate / was.estimate);
  const [first, second] = [before, after].map(({ capacityByBlock }) => Object.values(capacityByBlock).map(Math.log));
  const half = Math.hypot(welchHalfWidth(first ?? [], second ?? []), ...[before, after].map(sharedHalfWidth));
  return { ...exponential({ estimate, low: estimate - half, high: estimate + half }), method: 'blocks' };
}

/** The part of a capacity's interval that the differences between its blocks do not show, as a logarithm. */
function sharedHalfWidth({ capacity, capacityByBlock }: ComparedCell): number {
  const values = Object.values(capacityByBlock);
  if (capacity.state !== 'bracketed' || values.length < LEAST_BLOCKS) return 0;
  const between = geometricInterval(values);
  const [whole, own] = [Math.log(capacity.high / capacity.estimate), Math.log(between.high / between.estimate)];
  return Math.sqrt(Math.max(0, whole ** 2 - own ** 2));
}
