import type { VNode } from 'preact';
import { type Resource, resourceNames, resources } from '../../../model/measurement.ts';
import { milliseconds, percent, rounded } from '../../../model/quantities.ts';
import type { ResourcesAt } from '../../explain/bottleneck.ts';
import { linearAxis } from '../../view/axis.ts';
import { type Columns, FoldedTable } from '../../view/data-table.ts';
import { h } from '../../view/element.ts';
import type { PlotLine } from '../../view/plot.ts';
import { Swatch } from '../../view/swatch.ts';
import { describeStop } from '../answer.ts';
import { type CurvePoint, readShownCapacity } from '../curves.ts';
import type { PredictedCell } from '../predictions.ts';
import { drawnCells, type ReportedCell } from '../report.ts';
import {
  CaptionedPlot,
  type CurveRow,
  curveRows,
  Drawing,
  PlotLegend,
  predicted as predictedLine,
  Section,
  type SectionProps,
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
      cells.map(cell => h('li', null, describeStop(cell, cells))),
    ),
    FoldedTable({
      summary: 'Every resource at capacity and just above it',
      caption: `Resources at the highest load that was carried and the lowest that was not, for ${workload.name}`,
      columns: resourceColumns,
      words: ['was'],
      rows: around,
    }),
    predicted.length > 0 &&
      FoldedTable({
        summary: 'What is predicted to stop it',
        caption: `The predicted bottleneck as the load grows, by the model of this run, for ${workload.name}`,
        columns: {
          deployment: ({ label }) => label,
          resource: ({ bottleneck }) => resourceNames[bottleneck].phrase,
          'used up at (1/s)': ({ saturation }) => rounded(saturation),
        },
        words: ['resource'],
        rows: predicted,
      }),
  );
}

const resourceColumns: Columns<ResourcesAt & { label: string; was: string }> = {
  deployment: ({ label }) => label,
  'load (1/s)': ({ arrivalRate }) => rounded(arrivalRate),
  was: ({ was }) => was,
  'workers busy': ({ workersBusy: busy }) =>
    busy && [...new Set([percent(busy.lowest), percent(busy.highest)])].join('..'),
  'requests held by one, mean (most)': ({ heldPerWorker: held }) =>
    held && `${rounded(held.mean)} (${rounded(held.most)})`,
  'connections in use': ({ databaseConnections: { inUse } }) => shownIfKnown(inUse, rounded),
  'backends at work, mean (most)': ({ databaseConnections: { activeBackends: active } }) =>
    active && `${rounded(active.mean)} (${rounded(active.most)})`,
  'wait for a worker (ms)': ({ waiting }) => shownIfKnown(waiting?.worker, milliseconds),
  'wait for a connection (ms)': ({ waiting }) => shownIfKnown(waiting?.connection, milliseconds),
  CPUs: ({ utilisation }) => percent(utilisation.cpu),
  k6: ({ cpuShare }) => percent(cpuShare.k6),
  'other programs': ({ cpuShare }) => percent(cpuShare.others),
  steal: ({ steal }) => percent(steal),
  throttled: ({ throttled }) => shownIfKnown(throttled, percent),
  'context switches a request, voluntary (not)': ({ contextSwitches: own }) =>
    own && `${rounded(own.voluntary)} (${rounded(own.involuntary)})`,
};

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
  return Section(
    'Utilisation against offered load',
    `The thin upright line is the capacity.${isPredicted ? ' Thin dashes: what the model of this run predicts for the bottleneck.' : ''}`,
    PlotLegend(keys, isPredicted),
    h(
      'div',
      { class: 'plots small' },
      cells.map(cell => CaptionedPlot(cell.label, UtilisationPlot(name, cell, predictions?.cells.get(cell)))),
    ),
    FoldedTable({
      caption: `Utilisation against offered load for ${name}`,
      columns: isPredicted ? { ...utilisationColumns, ...predictedColumns } : utilisationColumns,
      words: Object.keys(predictedColumns).slice(0, 1),
      rows: curveRows(cells, predictions),
    }),
  );
}

const utilisationColumns: Columns<CurveRow> = {
  deployment: ({ cell }) => cell.label,
  'offered load (1/s)': ({ point }) => rounded(point.arrivalRate),
  ...Object.fromEntries(
    resources.map(resource => [
      resourceNames[resource].name,
      ({ point }: CurveRow) => shownIfKnown(point.utilisation[resource], percent),
    ]),
  ),
};

const predictedColumns: Columns<CurveRow> = {
  'bottleneck, predicted': ({ predicted }) => predicted && resourceNames[predicted.bottleneck].name,
  'its utilisation, predicted': ({ predicted, index }) => {
    const point = predicted?.atMeasured[index];
    return point && predicted ? shownIfKnown(point.utilisation[predicted.bottleneck], percent) : predicted && 'used up';
  },
};

function UtilisationPlot(workload: string, cell: ReportedCell, predicted: PredictedCell | undefined): VNode {
  const capacity = readShownCapacity(cell);
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
