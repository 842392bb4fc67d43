import type { VNode } from 'preact';
import { percent, shownNumber } from '../../../model/quantities.ts';
import type { Ratio } from '../../compare/ratios.ts';
import { logAxis, rowAxis } from '../../view/axis.ts';
import { type Columns, DataTable } from '../../view/data-table.ts';
import { h } from '../../view/element.ts';
import { MarkShape, type PlotFrame } from '../../view/plot.ts';
import { shownCapacity, shownInterval } from '../answer.ts';
import { listLoads, loadColumns } from '../comparison-text.ts';
import { readShownCapacity } from '../curves.ts';
import type { PredictedCell } from '../predictions.ts';
import { fairReadings, groupRatios, type RatioRow, shownRatio } from '../ratio-text.ts';
import type { ReportedCell } from '../report.ts';
import { predicted, RowDrawing, Section, type SectionProps, styleCell } from './parts.ts';

/** What each deployment of a workload carries, with its interval, and what the model of the run predicts. */
export function CapacitySection({ of: { cells, workload }, predictions }: SectionProps): VNode {
  const predictedOf = (cell: ReportedCell) => predictions?.cells.get(cell);
  const isPredicted = cells.some(predictedOf);
  const columns: Columns<ReportedCell> = {
    deployment: ({ label }) => label,
    'capacity (1/s)': shownCapacity,
    [`interval (1/s): ${intervalKinds(cells)}`]: shownInterval,
    'k6’s CPU': ({ atCapacity }) => (atCapacity ? percent(atCapacity.cpuShare.k6) : '–'),
    'trials (invalid)': ({ trials, invalidTrials }) => `${trials} (${invalidTrials})`,
    ...(isPredicted ? { 'predicted (1/s)': (cell: ReportedCell) => predictedFigure(predictedOf(cell)) } : {}),
  };
  return Section(
    'Capacity',
    isPredicted &&
      `Thin and dashed, below what was measured: the capacity that the model of this run predicts, by ${predictions?.by}, with its 95 % interval. The model was fitted to these trials.`,
    h('div', { class: 'beside' }, [
      cells.some(cell => readShownCapacity(cell) !== undefined) &&
        CapacityPlot(workload.name, cells, cells.map(predictedOf)),
      DataTable({ caption: `Capacity for ${workload.name}`, columns, rows: cells }),
    ]),
  );
}

/** `95 %`, `model`, or both: which intervals come from blocks, and which from a model. */
function intervalKinds(cells: readonly ReportedCell[]): string {
  const kinds = cells.flatMap(({ capacity }) => (capacity.state === 'bracketed' ? [capacity.interval] : []));
  return [...new Set(kinds)].join(' or ');
}

function predictedFigure(cell: PredictedCell | undefined): VNode | string {
  if (cell === undefined) return '–';
  const { estimate, low, high } = cell.capacity;
  return estimate === 0
    ? 'none'
    : h('span', null, [shownNumber(estimate), h('small', null, `${shownNumber(low)}–${shownNumber(high)}`)]);
}

/** Pixels between a measured capacity and the predicted one below it. */
const BELOW = 11;

const predictedStroke = { 'stroke-width': predicted.width, 'stroke-dasharray': predicted.dash.join(' ') };

/** A row for each cell: estimate and interval, with the figure beside them, and the prediction just below. */
function CapacityPlot(
  workload: string,
  cells: readonly ReportedCell[],
  expected: readonly (PredictedCell | undefined)[],
): VNode {
  const measured = cells.map(readInterval);
  const capacities = expected.map(one => (one && one.capacity.estimate > 0 ? one.capacity : undefined));
  const ends = [...measured, ...capacities].flatMap(one => (one ? [one.low, one.high] : []));
  const row =
    ({ x, y }: PlotFrame) =>
    (cell: ReportedCell, index: number) => {
      const { colour: stroke, mark } = styleCell(cell, cells);
      const [interval, capacity, middle] = [measured[index], capacities[index], y(index)];
      const below = middle + BELOW;
      return [
        interval && MarkShape({ x: x(interval.estimate), y: middle, shape: mark, size: 4, colour: stroke }),
        interval &&
          h('text', { x: x(interval.high) + 10, y: middle, dy: '.35em', fill: 'var(--ink)' }, shownCapacity(cell)),
        h('g', { stroke, 'stroke-width': 2 }, [
          interval &&
            interval.low < interval.high &&
            h('path', { d: `M${x(interval.low)} ${middle - 7}v14m0-7H${x(interval.high)}m0-7v14` }),
          capacity && h('path', { d: `M${x(capacity.estimate)} ${below - 4}v8` }),
          capacity && h('path', { d: `M${x(capacity.low)} ${below}H${x(capacity.high)}`, ...predictedStroke }),
        ]),
      ];
    };
  return RowDrawing({
    label: `Capacity of each deployment for ${workload}, with its interval, on a log scale`,
    rows: cells,
    pitch: 34,
    margin: { right: 72 },
    x: logAxis(ends, { name: 'requests a second' }),
    y: rowAxis(cells.map(({ label }) => label)),
    draw: frame => cells.flatMap(row(frame)),
  });
}

/** One value three times where there is no interval. */
function readInterval(cell: ReportedCell): { low: number; estimate: number; high: number } | undefined {
  if (cell.capacity.state === 'bracketed') return cell.capacity;
  const known = readShownCapacity(cell);
  return known === undefined ? undefined : { low: known, estimate: known, high: known };
}

/** The results of the loads that the experiment names. */
export function LoadsSection({ report, of: { workload } }: SectionProps): VNode | false {
  const rows = listLoads(workload.name, report.comparison.loads);
  const columns = Object.fromEntries(loadColumns.map((head, index) => [head, (row: readonly string[]) => row[index]]));
  return (
    rows.length > 0 &&
    Section('Loads of the experiment', false, DataTable({ caption: `Loads on ${workload.name}`, columns, rows }))
  );
}

/** How many times as much one topology carries as another: a row for each pair, a column for each reading. */
export function RatiosSection({ report, of: { workload } }: SectionProps): VNode | false {
  const rows = groupRatios(workload.name, report.comparison.ratios);
  const tables = [fairReadings, ["the article's sizes", 'best sizes'] as const].flatMap(
    (list: readonly Ratio['reading'][]) => {
      const isIn = ({ ratios }: RatioRow, reading: Ratio['reading']) => ratios.some(ratio => ratio.reading === reading);
      const readings = list.filter(reading => rows.some(row => isIn(row, reading)));
      if (readings.length === 0) return [];
      const columns: Columns<RatioRow> = {
        pair: ({ pair }) => pair,
        ...Object.fromEntries(
          readings.map(reading => [
            reading,
            ({ ratios }: RatioRow) => ratioFigure(ratios.find(ratio => ratio.reading === reading)),
          ]),
        ),
      };
      const caption = `Capacity ÷ capacity: ${readings.join(', ')}`;
      const own = rows.filter(row => readings.some(reading => isIn(row, reading)));
      return DataTable({ caption, columns, words: readings, rows: own });
    },
  );
  const note = 'With 95 % intervals, paired by block. An interval that holds 1 shows no difference.';
  return rows.length > 0 && Section('How many times as much', note, ...tables);
}

function ratioFigure(ratio: Ratio | undefined): VNode | string {
  if (ratio === undefined) return '–';
  return h('span', null, [shownRatio(ratio), h('small', null, `${ratio.ofDeployment} ÷ ${ratio.toDeployment}`)]);
}
