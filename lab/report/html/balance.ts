import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { WorkerActivity } from '../../../model/measurement.ts';
import { type Fraction, percent, rounded } from '../../../model/quantities.ts';
import type { ReportedCell, ReportedWorkload } from '../report.ts';
import { across, grid, roomFor, rows } from './axes.ts';
import { Behind } from './data-table.ts';
import { lookOf } from './palette.ts';
import { Plot } from './plot.ts';

/** How evenly the workers of each deployment were busy near its capacity. */
export function BalanceSection({ of }: { of: ReportedWorkload }): VNode {
  const cells = of.cells.filter(cell => seenIn(cell).length > 0);
  if (cells.length === 0) return html`<!-- -->`;
  const { name } = of.workload;
  return html`<section>
    <h3>Balance between workers</h3>
    <${Plot} id=${`balance-${of.id}`} height=${56 + 30 * cells.length} option=${strips(cells)}
      description=${`How busy each worker was near the capacity of its deployment, for ${name}`} />
    <p class="note">A mark a worker, at the load nearest to the capacity.</p>
    <${Behind} caption=${`Workers near the capacity, for ${name}`} columns=${columns} rows=${cells.flatMap(rowsOf)} />
  </section>`;
}

const columns = [
  { head: 'worker' },
  { head: 'completed (1/s)' },
  { head: 'busy' },
  { head: 'in progress, mean' },
  { head: 'most' },
];

/** A worker as one of the trials near the capacity saw it. */
interface Seen {
  readonly worker: WorkerActivity;
  readonly busy: Fraction;
  readonly perSecond: number;
}

function seenIn({ atCapacity }: ReportedCell): Seen[] {
  const measurement = atCapacity?.measurements.at(-1);
  if (measurement === undefined) return [];
  const { observed, workers = [] } = measurement;
  return workers.map(worker => ({ worker, busy: worker.busy / observed, perSecond: worker.completed / observed }));
}

function rowsOf(cell: ReportedCell): string[][] {
  return seenIn(cell).map(({ worker, busy, perSecond }) => [
    worker.name,
    rounded(perSecond),
    percent(busy),
    rounded(worker.inProgress.mean),
    rounded(worker.inProgress.most),
  ]);
}

function strips(cells: readonly ReportedCell[]): object {
  return {
    grid: { ...grid, left: roomFor(cells.map(({ label }) => label)), top: 8 },
    xAxis: across('busy (% of the time)', { min: 0, max: 100 }),
    yAxis: rows(cells.map(({ label }) => label)),
    series: cells.map((cell, index) => {
      const { colour, shape } = lookOf(cell, cells);
      return {
        type: 'scatter',
        silent: true,
        symbol: `path://${shape}`,
        symbolSize: 9,
        itemStyle: { color: colour, opacity: 0.7 },
        data: seenIn(cell).map(({ busy }) => [Math.min(1, busy) * 100, index]),
      };
    }),
  };
}
