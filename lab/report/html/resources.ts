import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { type Component, components } from '../../../model/measurement.ts';
import { milliseconds, rounded } from '../../../model/quantities.ts';
import type { ReportedCell, ReportedWorkload } from '../report.ts';
import { across, grid, roomFor, rows } from './axes.ts';
import { Behind } from './data-table.ts';
import { lookOf } from './palette.ts';
import { Plot } from './plot.ts';

/** Per cent of its deployment's colour: the stronger, the nearer to the service itself. */
const shades: Record<Component, number> = { workers: 100, postgres: 62, nginx: 36, k6: 14 };
const order = ['workers', 'postgres', 'nginx', 'k6'] as const satisfies readonly Component[];

/** Memory and CPU time of each component. */
export function ResourcesSection({ of }: { of: ReportedWorkload }): VNode {
  const { cells, workload } = of;
  const measured = cells.filter(({ memory }) => memory !== null);
  const height = 56 + 30 * measured.length;
  const memoryOf = ({ memory }: ReportedCell, component: Component) => (memory?.[component] ?? 0) / 1e6;
  const demandOf = ({ serviceDemand }: ReportedCell, component: Component) => (serviceDemand?.[component] ?? 0) * 1000;
  return html`<section>
    <h3>Memory and CPU time</h3>
    <ul class="legend">${order.map(
      component => html`<li><svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        <rect width="12" height="12" fill=${shaded('var(--ink)', component)} />
      </svg>${component}</li>`,
    )}</ul>
    <div class="plots">
      <figure><figcaption>Memory, the most in any trial</figcaption>
        <${Plot} id=${`memory-${of.id}`} height=${height} option=${stacked(measured, 'MB', memoryOf)}
          description=${`Memory by component of each deployment, for ${workload.name}`} /></figure>
      <figure><figcaption>CPU time of a request at half of the capacity</figcaption>
        <${Plot} id=${`demand-${of.id}`} height=${height} option=${stacked(measured, 'ms', demandOf)}
          description=${`CPU time of a request by component of each deployment, for ${workload.name}`} /></figure>
    </div>
    <${Behind} caption=${`Memory and CPU time, for ${workload.name}`} columns=${columns}
      rows=${measured.map(cell => [
        cell.label,
        ...order.map(component => rounded(memoryOf(cell, component))),
        ...components.map(component => (cell.serviceDemand ? milliseconds(cell.serviceDemand[component]) : '–')),
      ])} />
  </section>`;
}

const columns = [
  { head: 'deployment' },
  ...order.map(component => ({ head: `memory of ${component} (MB)` })),
  ...components.map(component => ({ head: `CPU of ${component} (ms)` })),
];

function stacked(
  cells: readonly ReportedCell[],
  unit: string,
  figureOf: (cell: ReportedCell, component: Component) => number,
): object {
  return {
    grid: { ...grid, left: roomFor(cells.map(({ label }) => label)), top: 8 },
    xAxis: across(unit, { min: 0 }),
    yAxis: rows(cells.map(({ label }) => label)),
    series: order.map(component => ({
      type: 'bar',
      stack: 'all',
      silent: true,
      barWidth: 14,
      data: cells.map(cell => ({
        value: figureOf(cell, component),
        itemStyle: { color: shaded(lookOf(cell, cells).colour, component) },
      })),
    })),
  };
}

function shaded(colour: string, component: Component): string {
  return `color-mix(in srgb, ${colour} ${shades[component]}%, var(--paper))`;
}
