import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { quantile } from '../../../loadtests/lib/histogram.ts';
import { milliseconds, quantileName, rounded } from '../../analysis/numbers.ts';
import type { Objective } from '../../experiment/experiment.ts';
import type { Fraction } from '../../experiment/units.ts';
import { drawnCells, type Report, type ReportedCell, type ReportedWorkload } from '../report.ts';
import { across, grid, logSpan, upward } from './axes.ts';
import { Behind } from './data-table.ts';
import { Legend } from './legend.ts';
import { lookOf } from './palette.ts';
import { Plot } from './plot.ts';

/** Response time against offered load: the median, and the quantile that the objective asks for. */
export function ResponseTimeSection({ report, of }: { report: Report; of: ReportedWorkload }): VNode {
  const { objective } = report.experiment;
  const cells = drawnCells(of.cells, report.experiment);
  const quantiles = [...new Set([0.5, objective.quantile])];
  const name = of.workload.name;
  return html`<section>
    <h3>Response time against offered load</h3>
    <${Legend} cells=${cells} />
    <div class="plots">${quantiles.map(
      (q, index) => html`<figure>
        <${Plot} id=${`response-${of.id}-${index}`}
          description=${`${quantileName(q)} response time against offered load for ${name}`}
          option=${againstLoad(cells, q, objective)} />
      </figure>`,
    )}</div>
    <p class="note">A filled mark: every trial at this load met the objective. A hollow one: at least one missed it.</p>
    <${Behind} caption=${`Response time against offered load for ${name}`} columns=${columnsOf(objective)} rows=${rowsOf(cells, objective)} />
  </section>`;
}

function columnsOf({ quantile: q }: Objective): { head: string }[] {
  const times = ['p50 (ms)', `${quantileName(q)} (ms)`];
  return ['deployment', 'offered load (1/s)', ...times, 'trials that carried it'].map(head => ({ head }));
}

function rowsOf(cells: readonly ReportedCell[], { quantile: q }: Objective): string[][] {
  return cells.flatMap(({ label, curve }) =>
    curve.map(({ arrivalRate, responseTime, trials, carried }) => [
      label,
      rounded(arrivalRate),
      milliseconds(quantile(responseTime, 0.5)),
      milliseconds(quantile(responseTime, q)),
      `${carried} of ${trials}`,
    ]),
  );
}

function againstLoad(cells: readonly ReportedCell[], q: Fraction, objective: Objective): object {
  const points = cells.flatMap(({ curve }) => curve);
  const times = points.map(({ responseTime }) => quantile(responseTime, q) * 1000);
  const limit = objective.responseTime * 1000;
  return {
    grid,
    xAxis: across('offered load (requests a second)', logSpan(points.map(({ arrivalRate }) => arrivalRate))),
    yAxis: upward(`${quantileName(q)} response time (ms)`, logSpan([...times, limit])),
    series: cells.map((cell, index) => {
      const { colour, shape, dash } = lookOf(cell, cells);
      return {
        type: 'line',
        silent: true,
        symbol: `path://${shape}`,
        symbolSize: 7,
        lineStyle: { color: colour, width: 1.75, type: dash },
        data: cell.curve.map(({ arrivalRate, responseTime, trials, carried }) => ({
          value: [arrivalRate, quantile(responseTime, q) * 1000],
          itemStyle:
            carried === trials ? { color: colour } : { color: 'var(--paper)', borderColor: colour, borderWidth: 1.5 },
        })),
        ...(index === 0 && q === objective.quantile && { markLine: objectiveLine(limit) }),
      };
    }),
  };
}

/** A line at the objective, so many milliseconds. */
export function objectiveLine(limit: number): object {
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color: 'var(--soft)', type: 'dashed', width: 1 },
    label: { formatter: 'objective', position: 'insideStartTop', color: 'var(--soft)', fontSize: 11 },
    data: [{ yAxis: limit }],
  };
}
