import Table from 'cli-table3';
import { resourceNames } from '../../../model/measurement.ts';
import { percentTo, quantileName, rounded } from '../../../model/quantities.ts';
import { plannedLoad, type Question } from '../../plan/question.ts';
import type { Sweep, SweepPoint } from '../../plan/sweep.ts';
import { plainTable, wrapText } from '../text-table.ts';
import type { TextOptions } from './answer.ts';
import { plural, shownDeployment, shownPrediction } from './words.ts';

type Predicted = Extract<SweepPoint, { state: 'predicted' }>;

/** A sweep, a row a value, with a bar for what it is about: capacity, or response time where the load is swept. */
export function sweepTable(sweep: Sweep, question: Question, options: TextOptions): string {
  const { quantity, deployment, machines, points, check } = sweep;
  const { objective } = question;
  const quantile = quantileName(objective.quantile);
  const told = points.filter(point => point.state === 'predicted');
  const isOfTimes = quantity === 'arrival-rate';
  const lengthOf = (point: Predicted) => (isOfTimes ? timeOf(point) : point.capacity.estimate);
  const mark = isOfTimes ? objective.responseTime : plannedLoad(question) / machines;
  const longest = Math.max(mark, ...told.map(lengthOf).filter(Number.isFinite));
  const [named = '', more = ''] = quantity.split('-');
  const head = [
    more === '' ? named : `${named}\n${more}`,
    'capacity\n(1/s)',
    '95 %\ninterval',
    `${quantile}\n(ms)`,
    'memory\n(MB)',
    'gives out\nfirst',
  ];
  const table = new Table({ ...plainTable([...head, '']), colAligns: [...head.map(() => 'right' as const), 'left'] });
  const columns = Math.max(8, Math.min(40, options.width - TABLE_WIDTH - Math.max(named.length, more.length)));
  for (const point of points) {
    if (point.state === 'impossible')
      table.push([shownValue(sweep, point.value), { colSpan: 6, hAlign: 'left', content: point.reason }]);
    else if (point.state === 'too-far') {
      table.push([
        shownValue(sweep, point.value),
        { colSpan: 6, hAlign: 'left', content: 'too far beyond what was measured: --extrapolate' },
      ]);
    } else table.push([...figures(sweep, point), bar(lengthOf(point), { longest, mark, columns })]);
  }
  const meaning = isOfTimes
    ? '│ the objective'
    : `│ the load that is asked, ${rounded(mark)}/s${machines > 1 ? ' on each' : ''}`;
  const where = machines === 1 ? '' : `, on one of ${plural(machines, 'machine')},`;
  const ofAll = isOfTimes && (machines > 1 || question.growth !== 1) ? ' of today over all machines' : '';
  return [
    wrapText(
      `${shownDeployment(deployment)}${where} by ${quantity}${ofAll}, by formulas (█ ${isOfTimes ? quantile : 'capacity'}, ${meaning}):`,
      options.width,
      '  ',
    ),
    '',
    table.toString().replace(/ +$/gm, ''),
    ...(check === undefined ? [] : ['', checkSentence(sweep, check)]),
  ].join('\n');
}

/** All columns but the first and the bar, with the gaps between them. */
const TABLE_WIDTH = 58;

function figures(sweep: Sweep, { value, capacity, prediction }: Predicted): string[] {
  const { nginx, workers, postgres } = prediction.memory;
  return [
    shownValue(sweep, value),
    rounded(capacity.estimate),
    `${rounded(capacity.low)}..${rounded(capacity.high)}`,
    shownPrediction(prediction),
    rounded((nginx + workers + postgres) / 1e6),
    resourceNames[capacity.bottleneck].short,
  ];
}

function shownValue({ quantity }: Sweep, value: number): string {
  return quantity === 'database-wait' ? `${rounded(value)}x` : String(value);
}

function timeOf({ prediction }: Predicted): number {
  return prediction.state === 'stable' ? prediction.responseTime.atObjective : Number.POSITIVE_INFINITY;
}

interface Scale {
  readonly longest: number;
  readonly mark: number;
  readonly columns: number;
}

/** `█████│██`; what has no end is drawn to the end, with an arrow. */
function bar(length: number, { longest, mark, columns }: Scale): string {
  const at = (value: number) => Math.min(columns, Math.round((value / longest) * columns));
  const filled = Number.isFinite(length) ? at(length) : columns;
  const cells = Array.from({ length: columns }, (_, index): string => (index < filled ? '█' : ' '));
  cells.splice(Math.min(columns - 1, at(mark)), 1, '│');
  return `${cells.join('').trimEnd()}${Number.isFinite(length) ? '' : '▶'}`;
}

function checkSentence(sweep: Sweep, { value, formulas, simulation }: NonNullable<Sweep['check']>): string {
  const apart = percentTo(Math.abs(formulas / simulation - 1), 1);
  return `Simulated at ${sweep.quantity} ${shownValue(sweep, value)}: ${rounded(simulation)}/s, ${apart} from the formulas.`;
}
