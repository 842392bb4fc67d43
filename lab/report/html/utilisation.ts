import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { percent, rounded } from '../../analysis/numbers.ts';
import { type Resource, resources } from '../../experiment/trial-result.ts';
import { shownCapacityOf } from '../curves.ts';
import { drawnCells, type Report, type ReportedCell, type ReportedWorkload } from '../report.ts';
import { across, upward } from './axes.ts';
import { Behind } from './data-table.ts';
import { Plot } from './plot.ts';

const strokes: Record<Resource, { readonly colour: string; readonly dash: number[] | 'solid' }> = {
  cpu: { colour: 'var(--ink)', dash: 'solid' },
  workers: { colour: 'var(--first)', dash: 'solid' },
  'database-connections': { colour: 'var(--second)', dash: [6, 3] },
  nginx: { colour: 'var(--soft)', dash: [2, 3] },
};

const names: Record<Resource, string> = {
  cpu: 'CPUs',
  workers: 'workers',
  'database-connections': 'database connections',
  nginx: 'nginx',
};

/** How busy each resource is as load grows, a small plot a deployment. */
export function UtilisationSection({ report, of }: { report: Report; of: ReportedWorkload }): VNode {
  const cells = drawnCells(of.cells, report.experiment);
  const { name } = of.workload;
  return html`<section>
    <h3>Utilisation against offered load</h3>
    <ul class="legend">${resources.map(resource => {
      const { colour, dash } = strokes[resource];
      return html`<li><svg viewBox="-14 -6 28 12" width="28" height="12" aria-hidden="true">
        <path d="M-14 0H14" stroke=${colour} stroke-width="2.5" stroke-dasharray=${dash === 'solid' ? '' : dash.join(' ')} />
      </svg>${names[resource]}</li>`;
    })}</ul>
    <div class="plots small">${cells.map(
      (cell, index) => html`<figure>
        <figcaption>${cell.label}</figcaption>
        <${Plot} id=${`utilisation-${of.id}-${index}`} width=${250} height=${180}
          description=${`Utilisation of each resource of ${cell.label} against offered load for ${name}`}
          option=${busyness(cell)} />
      </figure>`,
    )}</div>
    <p class="note">The thin upright line is the capacity.</p>
    <${Behind} caption=${`Utilisation against offered load for ${name}`} columns=${columns} rows=${cells.flatMap(rowsOf)} />
  </section>`;
}

const columns = [
  { head: 'deployment' },
  { head: 'offered load (1/s)' },
  ...resources.map(resource => ({ head: names[resource] })),
];

function rowsOf({ label, curve }: ReportedCell): string[][] {
  return curve.map(({ arrivalRate, utilisation }) => [
    label,
    rounded(arrivalRate),
    ...resources.map(resource => shown(utilisation[resource])),
  ]);
}

function shown(utilisation: number): string {
  return Number.isFinite(utilisation) ? percent(utilisation) : '–';
}

function busyness(cell: ReportedCell): object {
  const capacity = shownCapacityOf(cell);
  const most = Math.max(...cell.curve.map(({ arrivalRate }) => arrivalRate));
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
    series: resources.map((resource, index) => {
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
    }),
  };
}
