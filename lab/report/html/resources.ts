import type { VNode } from 'preact';
import {
  type Component,
  components,
  type Resource,
  resourceNames,
  resources,
  type WorkerActivity,
} from '../../../model/measurement.ts';
import { type Fraction, milliseconds, percent, rounded } from '../../../model/quantities.ts';
import type { ResourcesAt } from '../../explain/resources-at.ts';
import { linearAxis, rowAxis } from '../../view/axis.ts';
import { type Column, FoldedTable } from '../../view/data-table.ts';
import { h } from '../../view/element.ts';
import { Mark, type PlotLine } from '../../view/plot.ts';
import { Swatch } from '../../view/swatch.ts';
import { type CurvePoint, shownCapacityOf } from '../curves.ts';
import type { PredictedCell } from '../predictions.ts';
import { drawnCells, type ReportedCell } from '../report.ts';
import { stopOf } from '../sentences.ts';
import {
  Drawing,
  Legend,
  predicted as predictedLine,
  RowDrawing,
  Section,
  type SectionProps,
  styleCell,
} from './parts.ts';

/** What stopped each deployment, how busy everything was around its capacity, and what the model predicts to stop it. */
export function BottleneckSection({ of: { cells, workload }, predictions }: SectionProps): VNode {
  const around = cells.flatMap(({ label, bottleneck }) => {
    const loads = [
      { was: 'carried', at: bottleneck?.at },
      { was: 'missed', at: bottleneck?.above },
    ];
    return loads.flatMap(({ was, at }) => (at ? [{ label, was, ...at }] : []));
  });
  const predicted = cells.flatMap(cell => {
    const own = predictions?.cells.get(cell);
    return own ? [{ label: cell.label, ...own }] : [];
  });
  return Section(
    'What stopped it',
    false,
    h(
      'ul',
      { class: 'stops' },
      cells.map(cell => h('li', null, stopOf(cell, cells))),
    ),
    FoldedTable({
      summary: 'Every resource at capacity and just above it',
      caption: `Resources at the highest load that was carried and the lowest that was not, for ${workload.name}`,
      columns: resourceColumns,
      rows: around,
    }),
    predicted.length > 0 &&
      FoldedTable({
        summary: 'What is predicted to stop it',
        caption: `The predicted bottleneck as the load grows, by the model of this run, for ${workload.name}`,
        columns: [
          { head: 'deployment', show: ({ label }) => label },
          { head: 'resource', words: true, show: ({ bottleneck }) => resourceNames[bottleneck].phrase },
          { head: 'used up at (1/s)', show: ({ saturation }) => rounded(saturation) },
        ],
        rows: predicted,
      }),
  );
}

const resourceColumns: readonly Column<ResourcesAt & { label: string; was: string }>[] = [
  { head: 'deployment', show: ({ label }) => label },
  { head: 'load (1/s)', show: ({ arrivalRate }) => rounded(arrivalRate) },
  { head: 'was', words: true, show: ({ was }) => was },
  {
    head: 'workers busy',
    show: ({ workersBusy: busy }) => busy && [...new Set([percent(busy.lowest), percent(busy.highest)])].join('..'),
  },
  {
    head: 'requests held by one, mean (most)',
    show: ({ heldPerWorker: held }) => held && `${rounded(held.mean)} (${rounded(held.most)})`,
  },
  { head: 'connections in use', show: ({ databaseConnections: { inUse } }) => shownIfKnown(inUse, rounded) },
  {
    head: 'backends at work, mean (most)',
    show: ({ databaseConnections: { activeBackends: active } }) =>
      active && `${rounded(active.mean)} (${rounded(active.most)})`,
  },
  { head: 'wait for a worker (ms)', show: ({ waiting }) => shownIfKnown(waiting?.worker, milliseconds) },
  { head: 'wait for a connection (ms)', show: ({ waiting }) => shownIfKnown(waiting?.connection, milliseconds) },
  { head: 'CPUs', show: ({ utilisation }) => percent(utilisation.cpu) },
  { head: 'k6', show: ({ cpuShare }) => percent(cpuShare.k6) },
  { head: 'other programs', show: ({ cpuShare }) => percent(cpuShare.others) },
  { head: 'steal', show: ({ steal }) => percent(steal) },
  { head: 'throttled', show: ({ throttled }) => shownIfKnown(throttled, percent) },
  {
    head: 'context switches a request, voluntary (not)',
    show: ({ contextSwitches: own }) => own && `${rounded(own.voluntary)} (${rounded(own.involuntary)})`,
  },
];

function shownIfKnown(value: number | null | undefined, show: (value: number) => string): string | undefined {
  return Number.isFinite(value) ? show(value ?? 0) : undefined;
}

const resourceStyles: Readonly<Record<Resource, { readonly colour: string; readonly dash: readonly number[] }>> = {
  cpu: { colour: 'var(--ink)', dash: [] },
  workers: { colour: 'var(--workers)', dash: [] },
  'database-connections': { colour: 'var(--database)', dash: [6, 3] },
  nginx: { colour: 'var(--soft)', dash: [2, 3] },
};

/** How busy each resource is as the load grows, a small plot for each deployment; predicted for the bottleneck alone. */
export function UtilisationSection({ report, of, predictions }: SectionProps): VNode {
  const cells = drawnCells(of.cells, report.experiment);
  const isPredicted = cells.some(cell => predictions?.cells.has(cell));
  const { name } = of.workload;
  const keys = resources.map(resource => ({
    name: resourceNames[resource].name,
    swatch: Swatch({ style: resourceStyles[resource] }),
  }));
  const rows = cells.flatMap(cell =>
    cell.curve.map((point, index) => ({ cell, point, index, predicted: predictions?.cells.get(cell) })),
  );
  return Section(
    'Utilisation against offered load',
    `The thin upright line is the capacity.${isPredicted ? ' Thin dashes: what the model of this run predicts for the bottleneck.' : ''}`,
    Legend(keys, isPredicted),
    h(
      'div',
      { class: 'plots small' },
      cells.map(cell =>
        h('figure', null, [
          h('figcaption', null, cell.label),
          UtilisationPlot(name, cell, predictions?.cells.get(cell)),
        ]),
      ),
    ),
    FoldedTable({
      caption: `Utilisation against offered load for ${name}`,
      columns: isPredicted ? [...utilisationColumns, ...predictedColumns] : utilisationColumns,
      rows,
    }),
  );
}

interface UtilisationRow {
  readonly cell: ReportedCell;
  readonly point: CurvePoint;
  /** The place of the point on its curve. */
  readonly index: number;
  readonly predicted: PredictedCell | undefined;
}

const utilisationColumns: readonly Column<UtilisationRow>[] = [
  { head: 'deployment', show: ({ cell }) => cell.label },
  { head: 'offered load (1/s)', show: ({ point }) => rounded(point.arrivalRate) },
  ...resources.map(resource => ({
    head: resourceNames[resource].name,
    show: ({ point }: UtilisationRow) => shownIfKnown(point.utilisation[resource], percent),
  })),
];

const predictedColumns: readonly Column<UtilisationRow>[] = [
  {
    head: 'bottleneck, predicted',
    words: true,
    show: ({ predicted }) => predicted && resourceNames[predicted.bottleneck].name,
  },
  {
    head: 'its utilisation, predicted',
    show: ({ predicted, index }) => {
      const point = predicted?.atMeasured[index];
      return point && predicted
        ? shownIfKnown(point.utilisation[predicted.bottleneck], percent)
        : predicted && 'used up';
    },
  },
];

function UtilisationPlot(workload: string, cell: ReportedCell, predicted: PredictedCell | undefined): VNode {
  const capacity = shownCapacityOf(cell);
  const most = Math.max(...[...cell.curve, ...(predicted?.curve ?? [])].map(({ arrivalRate }) => arrivalRate));
  const pointsOf = (curve: readonly Pick<CurvePoint, 'arrivalRate' | 'utilisation'>[], resource: Resource) =>
    curve
      .filter(({ utilisation }) => Number.isFinite(utilisation[resource]))
      .map(({ arrivalRate, utilisation }) => [arrivalRate, Math.min(1, utilisation[resource])] as const);
  const measured = resources.map(
    (resource): PlotLine => ({ ...resourceStyles[resource], width: 2, points: pointsOf(cell.curve, resource) }),
  );
  return Drawing({
    ...{ width: 250, height: 180, margin: { left: 46, right: 10, top: 8, bottom: 22 }, fontSize: 11 },
    label: `Utilisation of each resource of ${cell.label} against offered load for ${workload}`,
    x: linearAxis(0, most, { tickCount: 3 }),
    y: linearAxis(0, 1, { ticks: [0, 0.25, 0.5, 0.75, 1], show: percent }),
    lines: predicted
      ? [
          ...measured,
          {
            ...predictedLine,
            colour: resourceStyles[predicted.bottleneck].colour,
            points: pointsOf(predicted.curve, predicted.bottleneck),
          },
        ]
      : measured,
    rules: capacity === undefined ? [] : [{ at: { x: capacity } }],
  });
}

/** Per cent of its deployment's colour: the stronger, the nearer to the service itself. */
const shades = { workers: 100, postgres: 62, nginx: 36, k6: 14 } as const satisfies Record<Component, number>;
const stacked = ['workers', 'postgres', 'nginx', 'k6'] as const satisfies readonly Component[];

function shade(colour: string, component: Component): string {
  return `color-mix(in srgb,${colour} ${shades[component]}%,var(--paper))`;
}

/** Memory and CPU time of each component. */
export function MemorySection({ of: { cells, workload } }: SectionProps): VNode {
  const rows = cells.filter(({ memory }) => memory !== null);
  const memory = (cell: ReportedCell, component: Component) => (cell.memory?.[component] ?? 0) / 1e6;
  const demand = (cell: ReportedCell, component: Component) => (cell.serviceDemand?.[component] ?? 0) * 1000;
  const keys = stacked.map(name => ({
    name,
    swatch: h(
      'svg',
      { class: 'swatch', width: 12, height: 12, 'aria-hidden': true },
      h('rect', { width: 12, height: 12, fill: shade('var(--ink)', name) }),
    ),
  }));
  const columns: Column<ReportedCell>[] = [
    { head: 'deployment', show: ({ label }) => label },
    ...stacked.map(name => ({
      head: `memory of ${name} (MB)`,
      show: (cell: ReportedCell) => rounded(memory(cell, name)),
    })),
    ...components.map(name => ({
      head: `CPU of ${name} (ms)`,
      show: ({ serviceDemand }: ReportedCell) => serviceDemand && milliseconds(serviceDemand[name]),
    })),
  ];
  return Section(
    'Memory and CPU time',
    false,
    Legend(keys),
    h('div', { class: 'plots' }, [
      h('figure', null, [
        h('figcaption', null, 'Memory, the most in any trial'),
        StackedBars(`Memory by component of each deployment, for ${workload.name}`, rows, 'MB', memory),
      ]),
      h('figure', null, [
        h('figcaption', null, 'CPU time of a request at half of the capacity'),
        StackedBars(`CPU time of a request by component of each deployment, for ${workload.name}`, rows, 'ms', demand),
      ]),
    ]),
    FoldedTable({ caption: `Memory and CPU time, for ${workload.name}`, columns, rows }),
  );
}

const BAR = 14;

function StackedBars(
  label: string,
  rows: readonly ReportedCell[],
  unit: string,
  amountOf: (cell: ReportedCell, component: Component) => number,
): VNode {
  const sumTo = (cell: ReportedCell, count: number) =>
    stacked.slice(0, count).reduce((sum, component) => sum + amountOf(cell, component), 0);
  return RowDrawing({
    ...{ label, rows },
    x: linearAxis(0, Math.max(...rows.map(cell => sumTo(cell, stacked.length)), 0) || 1, { name: unit }),
    y: rowAxis(rows.map(cell => cell.label)),
    draw: ({ x, y }) =>
      rows.flatMap((cell, row) =>
        stacked.map((component, index) => {
          const [from, to] = [x(sumTo(cell, index)), x(sumTo(cell, index + 1))];
          return h('path', {
            d: `M${from} ${y(row) - BAR / 2}H${to}v${BAR}H${from}`,
            fill: shade(styleCell(cell, rows).colour, component),
          });
        }),
      ),
  });
}

/** A worker as the last of the trials nearest to the capacity saw it. */
interface SeenWorker {
  readonly worker: WorkerActivity;
  readonly busy: Fraction;
  /** Requests a second. */
  readonly completed: number;
}

function workersNearCapacity({ atCapacity }: ReportedCell): SeenWorker[] {
  const { observed = 1, workers = [] } = atCapacity?.measurements.at(-1) ?? {};
  return workers.map(worker => ({ worker, busy: worker.busy / observed, completed: worker.completed / observed }));
}

const workerColumns: readonly Column<SeenWorker>[] = [
  { head: 'worker', show: ({ worker }) => worker.name },
  { head: 'completed (1/s)', show: ({ completed }) => rounded(completed) },
  { head: 'busy', show: ({ busy }) => percent(busy) },
  { head: 'in progress, mean', show: ({ worker }) => rounded(worker.inProgress.mean) },
  { head: 'most', show: ({ worker }) => rounded(worker.inProgress.most) },
];

/** How evenly the workers of each deployment were busy near its capacity. */
export function BalanceSection({ of: { cells, workload } }: SectionProps): VNode | false {
  const rows = cells.filter(cell => workersNearCapacity(cell).length > 0);
  return (
    rows.length > 0 &&
    Section(
      'Balance between workers',
      'A mark for each worker, at the load nearest to the capacity.',
      RowDrawing({
        ...{ rows, label: `How busy each worker was near the capacity of its deployment, for ${workload.name}` },
        x: linearAxis(0, 1, { name: 'busy, of the time', show: percent }),
        y: rowAxis(rows.map(({ label }) => label)),
        draw: ({ x, y }) =>
          rows.map((cell, row) => {
            const { colour, mark } = styleCell(cell, rows);
            return h(
              'g',
              { opacity: 0.7 },
              workersNearCapacity(cell).map(({ busy }) =>
                Mark({ x: x(Math.min(1, busy)), y: y(row), shape: mark, size: 4.5, colour }),
              ),
            );
          }),
      }),
      FoldedTable({
        caption: `Workers near the capacity, for ${workload.name}`,
        columns: workerColumns,
        rows: rows.flatMap(workersNearCapacity),
      }),
    )
  );
}
