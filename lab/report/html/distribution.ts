import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { type Histogram, quantile } from '../../../model/histogram.ts';
import { type Fraction, milliseconds, quantileName, rounded } from '../../../model/quantities.ts';
import { drawnCells, type Report, type ReportedCell, type ReportedWorkload } from '../report.ts';
import { across, grid, logSpan, upward } from './axes.ts';
import { Behind } from './data-table.ts';
import { Legend } from './legend.ts';
import { lookOf } from './palette.ts';
import { Plot } from './plot.ts';
import { objectiveLine } from './response-time.ts';

/** Quantiles of the table. */
const shown: readonly Fraction[] = [0.5, 0.9, 0.99, 0.999, 0.9999];
/** Points of a curve for each further nine. */
const PER_NINE = 12;
const NINES = 4;

/** How response times are distributed at half of the capacity, to p99.99, on an axis of nines. */
export function DistributionSection({ report, of }: { report: Report; of: ReportedWorkload }): VNode {
  const cells = drawnCells(of.cells, report.experiment).filter(({ atHalf }) => atHalf !== undefined);
  if (cells.length === 0) return html`<!-- -->`;
  const { name } = of.workload;
  return html`<section>
    <h3>Distribution of response times at half of the capacity</h3>
    <${Legend} cells=${cells} />
    <${Plot} id=${`distribution-${of.id}`} width=${600} height=${300}
      description=${`Response time by percentile at half of each deployment’s capacity, for ${name}`}
      option=${byNines(cells, report.experiment.objective.responseTime * 1000)} />
    <p class="note">Each at the carried load that is nearest to half of its own capacity. A curve ends where its responses do: p99.99 needs ten thousand.</p>
    <${Behind} caption=${`Response times at half of the capacity, for ${name}`} columns=${columns} rows=${cells.map(rowOf)} />
  </section>`;
}

const columns = [
  { head: 'deployment' },
  { head: 'offered load (1/s)' },
  { head: 'responses' },
  ...shown.map(q => ({ head: `${quantileName(q)} (ms)` })),
];

function rowOf({ label, atHalf }: ReportedCell): string[] {
  if (atHalf === undefined) return [label];
  const { responseTime, arrivalRate } = atHalf;
  const known = (q: Fraction): string => (isKnown(responseTime, q) ? milliseconds(quantile(responseTime, q)) : '–');
  return [label, rounded(arrivalRate), String(responseTime.count), ...shown.map(known)];
}

/** A quantile beyond the last response but one is nothing but that response. */
function isKnown({ count }: Histogram, q: Fraction): boolean {
  return (1 - q) * count >= 1 - 1e-9;
}

function byNines(cells: readonly ReportedCell[], limit: number): object {
  const curves = cells.map(({ atHalf }) => (atHalf === undefined ? [] : quantilesOf(atHalf.responseTime)));
  return {
    grid,
    xAxis: across('percentile', {
      ...{ min: 0, max: NINES, interval: 1 },
      axisLabel: { color: 'var(--soft)', fontSize: 11, formatter: (nines: number) => percentileOf(nines) },
    }),
    yAxis: upward('response time (ms)', logSpan([...curves.flat().map(([, time]) => time), limit])),
    series: cells.map((cell, index) => {
      const { colour, dash, shape } = lookOf(cell, cells);
      return {
        type: 'line',
        silent: true,
        symbol: `path://${shape}`,
        symbolSize: (_: unknown, { dataIndex }: { dataIndex: number }) => (dataIndex % PER_NINE === 0 ? 7 : 0),
        itemStyle: { color: colour },
        lineStyle: { color: colour, width: 1.75, type: dash },
        data: curves[index],
        ...(index === 0 && { markLine: objectiveLine(limit) }),
      };
    }),
  };
}

/** Response times in milliseconds by nines: −lg(1 − q), so that each further nine is as wide as the last. */
function quantilesOf(responseTime: Histogram): [nines: number, time: number][] {
  return Array.from({ length: NINES * PER_NINE + 1 }, (_, index) => index / PER_NINE).flatMap(nines => {
    const q = 1 - 10 ** -nines;
    return isKnown(responseTime, q) ? [[nines, quantile(responseTime, q) * 1000] as [number, number]] : [];
  });
}

function percentileOf(nines: number): string {
  return nines === 0 ? 'least' : quantileName(1 - 10 ** -nines);
}
