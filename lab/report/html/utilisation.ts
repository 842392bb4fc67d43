import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { type Resource, resourceNames, resources } from '../../../model/measurement.ts';
import { type PerSecond, percent, rounded } from '../../../model/quantities.ts';
import { shownCapacityOf } from '../curves.ts';
import type { PredictedCell, Predictions } from '../predictions.ts';
import { drawnCells, type Report, type ReportedCell, type ReportedWorkload } from '../report.ts';
import { across, upward } from './axes.ts';
import { Behind } from './data-table.ts';
import { PredictedEntry, predictedDash } from './legend.ts';
import { Plot } from './plot.ts';

const strokes: Record<Resource, { readonly colour: string; readonly dash: number[] | 'solid' }> = {
  cpu: { colour: 'var(--ink)', dash: 'solid' },
  workers: { colour: 'var(--first)', dash: 'solid' },
  'database-connections': { colour: 'var(--second)', dash: [6, 3] },
  nginx: { colour: 'var(--soft)', dash: [2, 3] },
};

interface Props {
  readonly report: Report;
  readonly of: ReportedWorkload;
  readonly predictions: Predictions | undefined;
}

/** How busy each resource is as load grows, a small plot a deployment; predicted for what would give out first. */
export function UtilisationSection({ report, of, predictions }: Props): VNode {
  const cells = drawnCells(of.cells, report.experiment);
  const predicted = cells.map(cell => predictions?.cells.get(cell));
  const isPredicted = predicted.some(one => one !== undefined);
  const { name } = of.workload;
  return html`<section>
    <h3>Utilisation against offered load</h3>
    <ul class="legend">${resources.map(resource => {
      const { colour, dash } = strokes[resource];
      return html`<li><svg viewBox="-14 -6 28 12" width="28" height="12" aria-hidden="true">
        <path d="M-14 0H14" stroke=${colour} stroke-width="2.5" stroke-dasharray=${dash === 'solid' ? '' : dash.join(' ')} />
      </svg>${resourceNames[resource].name}</li>`;
    })}${isPredicted && html`<${PredictedEntry} />`}</ul>
    <div class="plots small">${cells.map(
      (cell, index) => html`<figure>
        <figcaption>${cell.label}</figcaption>
        <${Plot} id=${`utilisation-${of.id}-${index}`} width=${250} height=${180}
          description=${`Utilisation of each resource of ${cell.label} against offered load for ${name}`}
          option=${busyness(cell, predicted[index])} />
      </figure>`,
    )}</div>
    <p class="note">The thin upright line is the capacity.${isPredicted && ' Thin dashes: what the model of this run predicts for the resource that gives out first.'}</p>
    <${Behind} caption=${`Utilisation against offered load for ${name}`} columns=${isPredicted ? [...columns, ...predictedColumns] : columns}
      rows=${cells.flatMap((cell, index) => rowsOf(cell, isPredicted ? { of: predicted[index] } : undefined))} />
  </section>`;
}

const columns = [
  { head: 'deployment' },
  { head: 'offered load (1/s)' },
  ...resources.map(resource => ({ head: resourceNames[resource].name })),
];

const predictedColumns = [{ head: 'gives out first, predicted', words: true }, { head: 'its utilisation, predicted' }];

function rowsOf({ label, curve }: ReportedCell, predicted: { of: PredictedCell | undefined } | undefined): string[][] {
  return curve.map(({ arrivalRate, utilisation }, index) => [
    label,
    rounded(arrivalRate),
    ...resources.map(resource => shown(utilisation[resource])),
    ...(predicted === undefined ? [] : predictedFigures(predicted.of, index)),
  ]);
}

function predictedFigures(predicted: PredictedCell | undefined, index: number): string[] {
  if (predicted === undefined) return ['–', '–'];
  const { bottleneck, atMeasured } = predicted;
  const point = atMeasured[index];
  return [resourceNames[bottleneck].name, point === undefined ? 'used up' : shown(point.utilisation[bottleneck])];
}

function shown(utilisation: number): string {
  return Number.isFinite(utilisation) ? percent(utilisation) : '–';
}

function busyness(cell: ReportedCell, predicted: PredictedCell | undefined): object {
  const capacity = shownCapacityOf(cell);
  const most = Math.max(...[...cell.curve, ...(predicted?.curve ?? [])].map(({ arrivalRate }) => arrivalRate));
  return {
    grid: { left: 42, right: 10, top: 8, bottom: 22 },
    xAxis: across('', {
      min: 0,
      max: most,
      splitNumber: 3,
      axisLabel: { color: 'var(--soft)', fontSize: 11, showMaxLabel: false },
    }),
    yAxis: upward('', {
      ...{ min: 0, max: 100, interval: 25 },
      axisLabel: { color: 'var(--soft)', fontSize: 11, formatter: '{value} %' },
    }),
    series: [...measuredSeries(cell, capacity), ...(predicted === undefined ? [] : [predictedSeries(predicted)])],
  };
}

function measuredSeries(cell: ReportedCell, capacity: PerSecond | undefined): object[] {
  return resources.map((resource, index) => {
    const { colour, dash } = strokes[resource];
    return {
      type: 'line',
      silent: true,
      symbolSize: 3,
      symbol: 'circle',
      itemStyle: { color: colour },
      lineStyle: { color: colour, width: 2, type: dash },
      data: cell.curve
        .filter(({ utilisation }) => Number.isFinite(utilisation[resource]))
        .map(({ arrivalRate, utilisation }) => [arrivalRate, Math.min(1, utilisation[resource]) * 100]),
      ...(index === 0 &&
        capacity !== undefined && {
          markLine: {
            ...{ silent: true, symbol: 'none', label: { show: false } },
            lineStyle: { color: 'var(--soft)', width: 1, type: 'solid' },
            data: [{ xAxis: capacity }],
          },
        }),
    };
  });
}

function predictedSeries({ bottleneck, curve }: PredictedCell): object {
  return {
    type: 'line',
    silent: true,
    symbol: 'none',
    lineStyle: { color: strokes[bottleneck].colour, width: 1.2, type: predictedDash },
    data: curve.map(({ arrivalRate, utilisation }) => [arrivalRate, Math.min(1, utilisation[bottleneck]) * 100]),
  };
}
