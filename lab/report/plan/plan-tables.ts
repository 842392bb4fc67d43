import type { Cell } from 'cli-table3';
import { resourceNames } from '../../../model/measurement.ts';
import {
  milliseconds,
  percentTo,
  quantileName,
  shownBytes,
  shownNumber,
  shownRate,
} from '../../../model/quantities.ts';
import type { Prediction } from '../../plan/capacity-model.ts';
import type { Plan } from '../../plan/plan.ts';
import { plannedLoad, type Question } from '../../plan/question.ts';
import type { Sweep, SweepPoint } from '../../plan/sweep.ts';
import type { Supposed, WhatIfChange } from '../../plan/what-if.ts';
import { renderTextTable, wrapText } from '../text-table.ts';
import { shownDeployment, shownExtrapolation } from './plan-words.ts';

/** What each change of the question does, a row each; changes that lie too far are explained below. */
export function whatIfTable(all: readonly Supposed[], { recommendations, question }: Plan, width: number): string {
  const [best] = recommendations;
  const quantile = quantileName(question.objective.quantile);
  const kept = best ? ['if kept\n(1/s)', `its ${quantile}\n(ms)`] : [];
  const head = ['change', 'then best', 'capacity\n(1/s)', `${quantile}\n(ms)`, 'bottleneck', ...kept];
  const rows = all.map(one => {
    const cells = one.state === 'too-far' ? ['too far'] : [...bestThen(one), ...(best ? keptThen(one) : [])];
    const missing = Array<string>(head.length - 1 - cells.length).fill('–');
    return [nameSupposed(one, all), ...cells, ...missing];
  });
  const note = best ? `; if kept: ${shownDeployment(best.deployment, best.machines)} after the change` : '';
  const tooFar = all.flatMap(one =>
    one.state === 'too-far'
      ? one.extrapolations
          .filter(extrapolation => extrapolation.tooFar)
          .map(
            extrapolation =>
              `\n${wrapText(`${nameSupposed(one, all)} is too far: ${shownExtrapolation(extrapolation)}`, width, '  ')}`,
          )
      : [],
  );
  return [
    wrapText(`What if, by formulas, all machines together${note}:`, width, '  '),
    '',
    renderTextTable(head, rows),
    ...tooFar,
  ].join('\n');
}

type Answered = Extract<Supposed, { state: 'answered' }>;

function nameSupposed({ changes }: Supposed, all: readonly Supposed[]): string {
  const [first, second] = changes;
  if (first === undefined) return 'as asked';
  return second !== undefined && all.length > 2 ? 'all changes' : shownChange(first);
}

/** `database-wait 2x`, `cpus 16`. */
function shownChange(change: WhatIfChange): string {
  const { quantity } = change;
  if ('times' in change) return `${quantity} ${shownNumber(change.times)}x`;
  const { value } = change;
  if (quantity === 'memory') return `${quantity} ${shownBytes(value)}`;
  if (quantity === 'database-wait' || quantity === 'service-demand') return `${quantity} ${shownNumber(value)}x`;
  return `${quantity} ${quantity === 'arrival-rate' ? shownRate(value) : value}`;
}

function bestThen({ plan }: Answered): string[] {
  const [best] = plan.recommendations;
  if (best === undefined) {
    const most = Math.max(0, ...plan.rejected.map(({ capacity = 0 }) => capacity));
    return ['none', shownNumber(most), '–', '–'];
  }
  const { deployment, machines, capacity, prediction, next } = best;
  return [
    shownDeployment(deployment, machines),
    shownNumber(capacity.estimate * machines),
    shownPrediction(prediction),
    resourceNames[next].short,
  ];
}

function keptThen({ unchanged }: Answered): string[] {
  if (unchanged === undefined) return ['impossible'];
  const { capacity, machines, prediction } = unchanged;
  return [shownNumber(capacity * machines), shownPrediction(prediction)];
}

/** Milliseconds at the objective's quantile. */
function shownPrediction(prediction: Prediction): string {
  return prediction.state === 'stable' ? milliseconds(prediction.responseTime.atObjective) : 'unstable';
}

type Predicted = Extract<SweepPoint, { state: 'predicted' }>;

/** A sweep, a row for each value, with a bar of capacity, or of response time where the load is swept. */
export function sweepTable(sweep: Sweep, question: Question, width: number): string {
  const { quantity, deployment, machines, points, check } = sweep;
  const quantile = quantileName(question.objective.quantile);
  const isOfTimes = quantity === 'arrival-rate';
  const lengthOf = (point: Predicted) => (isOfTimes ? readTime(point) : point.capacity.estimate);
  const mark = isOfTimes ? question.objective.responseTime : plannedLoad(question) / machines;
  const lengths = points.filter(point => point.state === 'predicted').map(lengthOf);
  const longest = Math.max(mark, ...lengths.filter(Number.isFinite));
  const head = [
    quantity.replace('-', '\n'),
    ...['capacity\n(1/s)', '95 %\ninterval', `${quantile}\n(ms)`, 'memory\n(MB)', 'bottleneck'],
  ];
  const firstColumn = Math.max(...quantity.split('-').map(({ length }) => length));
  const columns = Math.max(8, Math.min(40, width - TABLE_WIDTH - firstColumn));
  const rows = points.map((point): Cell[] => {
    const value = shownValue(sweep, point.value);
    if (point.state === 'predicted') {
      return [value, ...listPredictedFigures(point), bar(lengthOf(point), { longest, mark, columns })];
    }
    const reason = point.state === 'impossible' ? point.reason : 'too far beyond what was measured: --extrapolate';
    return [value, { colSpan: 6, hAlign: 'left', content: reason }];
  });
  const where = machines === 1 ? '' : `, on one of ${machines} machines,`;
  const ofAll = isOfTimes && (machines > 1 || question.growth !== 1) ? ' (current, all machines)' : '';
  const meaning = isOfTimes
    ? `█ ${quantile}, │ objective`
    : `█ capacity, │ planned ${shownRate(mark)}${machines > 1 ? ' on each' : ''}`;
  return [
    wrapText(`${shownDeployment(deployment)}${where} by ${quantity}${ofAll}, by formulas (${meaning}):`, width, '  '),
    '',
    renderTextTable([...head, ''], rows, [...head.map(() => 'right' as const), 'left']),
    ...(check === undefined ? [] : ['', describeCheck(sweep, check)]),
  ].join('\n');
}

/** Width of all columns but the first and the bar, with the gaps between them. */
const TABLE_WIDTH = 59;

function listPredictedFigures({ capacity, prediction }: Predicted): string[] {
  const { nginx, workers, postgres } = prediction.memory;
  return [
    shownNumber(capacity.estimate),
    `${shownNumber(capacity.low)}–${shownNumber(capacity.high)}`,
    shownPrediction(prediction),
    shownNumber((nginx + workers + postgres) / 1e6),
    resourceNames[capacity.bottleneck].short,
  ];
}

function shownValue({ quantity }: Sweep, value: number): string {
  return quantity === 'database-wait' ? `${shownNumber(value)}x` : String(value);
}

function readTime({ prediction }: Predicted): number {
  return prediction.state === 'stable' ? prediction.responseTime.atObjective : Number.POSITIVE_INFINITY;
}

interface BarScale {
  readonly longest: number;
  readonly mark: number;
  readonly columns: number;
}

/** `█████│██`; an infinite length fills the bar and ends in an arrow. */
function bar(length: number, { longest, mark, columns }: BarScale): string {
  const at = (value: number) => Math.min(columns, Math.round((value / longest) * columns));
  const filled = Number.isFinite(length) ? at(length) : columns;
  const cells = Array.from({ length: columns }, (_, index): string => (index < filled ? '█' : ' '));
  cells.splice(Math.min(columns - 1, at(mark)), 1, '│');
  return `${cells.join('').trimEnd()}${Number.isFinite(length) ? '' : '▶'}`;
}

function describeCheck(sweep: Sweep, { value, formulas, simulation }: NonNullable<Sweep['check']>): string {
  const apart = percentTo(Math.abs(formulas / simulation - 1), 1);
  return `Simulated at ${sweep.quantity} ${shownValue(sweep, value)}: ${shownRate(simulation)}, ${apart} from the formulas.`;
}
