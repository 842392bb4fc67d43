import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from 'echarts';
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { percent, rounded } from '../../../model/quantities.ts';
import { shownCapacity, shownInterval } from '../answer.ts';
import { shownCapacityOf } from '../curves.ts';
import type { PredictedCell, Predictions } from '../predictions.ts';
import type { ReportedCell, ReportedWorkload } from '../report.ts';
import { across, grid, logSpan, roomFor, rows } from './axes.ts';
import { DataTable } from './data-table.ts';
import { predictedDash } from './legend.ts';
import { type CellLook, lookOf } from './palette.ts';
import { Plot } from './plot.ts';

interface Props {
  readonly of: ReportedWorkload;
  readonly predictions: Predictions | undefined;
}

/** What each deployment of a workload carries, with its interval, and what the model of the run says it would. */
export function CapacitySection({ of, predictions }: Props): VNode {
  const { cells, workload } = of;
  const predicted = cells.map(cell => predictions?.cells.get(cell));
  const isPredicted = predicted.some(one => one !== undefined);
  const isKnown = cells.some(cell => shownCapacityOf(cell) !== undefined);
  return html`<section>
    <h3>Capacity</h3>
    <div class="beside">
      ${
        isKnown &&
        html`<${Plot} id=${`capacity-${of.id}`} height=${56 + 34 * cells.length}
          description=${`Capacity of each deployment for ${workload.name}, with its interval, on a log scale`}
          option=${forest(cells, predicted)} />`
      }
      <${DataTable} caption=${`Capacity for ${workload.name}`} columns=${columnsFor(cells, isPredicted)}
        rows=${cells.map((cell, index) => [...rowOf(cell), ...(isPredicted ? [predictedFigure(predicted[index])] : [])])} />
    </div>
    ${
      isPredicted &&
      html`<p class="note">Thin and dashed, below what was measured: the capacity that the model of this run predicts, by ${predictions?.by}, with its 95 % interval. It was fitted to these trials.</p>`
    }
  </section>`;
}

const columnsFor = (cells: readonly ReportedCell[], isPredicted: boolean) => [
  { head: 'deployment' },
  { head: 'capacity (1/s)' },
  { head: `interval (1/s): ${kindsOf(cells)}` },
  { head: 'k6’s CPU' },
  { head: 'trials (invalid)' },
  ...(isPredicted ? [{ head: 'predicted (1/s)' }] : []),
];

/** `95 %`, `model`, or both: which intervals of 95 % come from blocks, and which from a model. */
function kindsOf(cells: readonly ReportedCell[]): string {
  const kinds = cells.flatMap(({ capacity }) => (capacity.state === 'bracketed' ? [capacity.interval] : []));
  return [...new Set(kinds)].join(' or ');
}

function rowOf(cell: ReportedCell): string[] {
  const share = cell.atCapacity?.cpuShare.k6;
  return [
    cell.label,
    shownCapacity(cell),
    shownInterval(cell),
    share === undefined ? '–' : percent(share),
    `${cell.trials} (${cell.invalidTrials})`,
  ];
}

function predictedFigure(predicted: PredictedCell | undefined): VNode | string {
  if (predicted === undefined) return '–';
  const { estimate, low, high } = predicted.capacity;
  if (estimate === 0) return 'none';
  return html`${rounded(estimate)} <small>${`${rounded(low)}..${rounded(high)}`}</small>`;
}

/** Estimate and interval of each cell, a row a cell, with its figure behind it; what was predicted just below. */
function forest(cells: readonly ReportedCell[], predicted: readonly (PredictedCell | undefined)[]): object {
  const ends = cells.map(endsOf);
  const expected = predicted.map(one =>
    one && one.capacity.estimate > 0 ? [one.capacity.low, one.capacity.estimate, one.capacity.high] : [],
  );
  const looks = cells.map(cell => lookOf(cell, cells));
  return {
    grid: { ...grid, left: roomFor(cells.map(({ label }) => label)), top: 8, right: 72 },
    xAxis: across('requests a second', logSpan([...ends, ...expected].flat())),
    yAxis: rows(cells.map(({ label }) => label)),
    series: [
      {
        type: 'custom',
        silent: true,
        data: ends.flatMap(([low, estimate, high], index) => (low === undefined ? [] : [[index, low, estimate, high]])),
        encode: { x: [1, 2, 3], y: 0 },
        renderItem: (_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
          const row = Number(api.value(0));
          const [left, middle, right] = [1, 2, 3].map(end => api.coord([Number(api.value(end)), row]));
          const [look, cell] = [looks[row], cells[row]];
          if (!left || !middle || !right || !look || !cell) return;
          return { type: 'group', children: interval(left, middle, right, look, shownCapacity(cell)) };
        },
      },
      {
        type: 'custom',
        silent: true,
        data: expected.flatMap(([low, estimate, high], index) =>
          low === undefined ? [] : [[index, low, estimate, high]],
        ),
        encode: { x: [1, 2, 3], y: 0 },
        renderItem: (_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
          const row = Number(api.value(0));
          const [left, middle, right] = [1, 2, 3].map(end => api.coord([Number(api.value(end)), row]));
          const look = looks[row];
          if (!left || !middle || !right || !look) return;
          return { type: 'group', children: predictedInterval(left, middle, right, look) };
        },
      },
    ],
  };
}

/** Low end, estimate and high end; one value three times where there is no interval. */
function endsOf(cell: ReportedCell): number[] {
  const { capacity } = cell;
  if (capacity.state === 'bracketed') return [capacity.low, capacity.estimate, capacity.high];
  const known = shownCapacityOf(cell);
  return known === undefined ? [] : [known, known, known];
}

function interval(
  [left = 0, y = 0]: readonly number[],
  [middle = 0]: readonly number[],
  [right = 0]: readonly number[],
  { colour, shape }: CellLook,
  figure: string,
): object[] {
  const line = `M${left} ${y - 7}V${y + 7}M${left} ${y}H${right}M${right} ${y - 7}V${y + 7}`;
  return [
    {
      type: 'path',
      shape: { pathData: left === right ? '' : line },
      style: { stroke: colour, lineWidth: 2, fill: 'none' },
    },
    { type: 'path', shape: { pathData: shape }, x: middle, y, scaleX: 4, scaleY: 4, style: { fill: colour } },
    {
      type: 'text',
      x: right + 10,
      y,
      style: { text: figure, fill: 'var(--ink)', fontSize: 12, fontFamily: 'inherit', verticalAlign: 'middle' },
    },
  ];
}

/** Below the measured one, so that both can be seen where they are alike. */
const BELOW = 11;

function predictedInterval(
  [left = 0, row = 0]: readonly number[],
  [middle = 0]: readonly number[],
  [right = 0]: readonly number[],
  { colour }: CellLook,
): object[] {
  const y = row + BELOW;
  const thin = { stroke: colour, lineWidth: 1.2, fill: 'none' };
  return [
    { type: 'path', shape: { pathData: `M${left} ${y}H${right}` }, style: { ...thin, lineDash: predictedDash } },
    { type: 'path', shape: { pathData: `M${middle} ${y - 4}V${y + 4}` }, style: { ...thin, lineWidth: 2 } },
  ];
}
