import type { VNode } from 'preact';
import { type Component, components, type WorkerActivity } from '../../../model/measurement.ts';
import { type Fraction, milliseconds, percent, rounded } from '../../../model/quantities.ts';
import { linearAxis, rowAxis } from '../../view/axis.ts';
import { type Columns, FoldedTable } from '../../view/data-table.ts';
import { h } from '../../view/element.ts';
import { MarkShape } from '../../view/plot.ts';
import type { ReportedCell } from '../report.ts';
import { CaptionedPlot, PlotLegend, RowDrawing, Section, type SectionProps, styleCell } from './parts.ts';

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
  const columns: Columns<ReportedCell> = {
    deployment: ({ label }) => label,
    ...Object.fromEntries(
      stacked.map(name => [`memory of ${name} (MB)`, (cell: ReportedCell) => rounded(memory(cell, name))]),
    ),
    ...Object.fromEntries(
      components.map(name => [
        `CPU of ${name} (ms)`,
        ({ serviceDemand }: ReportedCell) => serviceDemand && milliseconds(serviceDemand[name]),
      ]),
    ),
  };
  return Section(
    'Memory and CPU time',
    false,
    PlotLegend(keys),
    h('div', { class: 'plots' }, [
      CaptionedPlot(
        'Memory, the most in any trial',
        StackedBars(`Memory by component of each deployment, for ${workload.name}`, rows, 'MB', memory),
      ),
      CaptionedPlot(
        'CPU time of a request at half of the capacity',
        StackedBars(`CPU time of a request by component of each deployment, for ${workload.name}`, rows, 'ms', demand),
      ),
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

const workerColumns: Columns<SeenWorker> = {
  worker: ({ worker }) => worker.name,
  'completed (1/s)': ({ completed }) => rounded(completed),
  busy: ({ busy }) => percent(busy),
  'in progress, mean': ({ worker }) => rounded(worker.inProgress.mean),
  most: ({ worker }) => rounded(worker.inProgress.most),
};

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
                MarkShape({ x: x(Math.min(1, busy)), y: y(row), shape: mark, size: 4.5, colour }),
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
