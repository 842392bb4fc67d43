import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Objective } from '../../../model/experiment.ts';
import { quantile } from '../../../model/histogram.ts';
import { type Fraction, milliseconds, quantileName, rounded, type Seconds } from '../../../model/quantities.ts';
import type { PredictedCell, Predictions } from '../predictions.ts';
import { drawnCells, type Report, type ReportedCell, type ReportedWorkload } from '../report.ts';
import { across, grid, logSpan, upward } from './axes.ts';
import { Behind } from './data-table.ts';
import { Legend, predictedDash } from './legend.ts';
import { lookOf } from './palette.ts';
import { Plot } from './plot.ts';

interface Props {
  readonly report: Report;
  readonly of: ReportedWorkload;
  readonly predictions: Predictions | undefined;
}

/** Response time against offered load: the median, and the quantile that the objective asks for; measured and predicted. */
export function ResponseTimeSection({ report, of, predictions }: Props): VNode {
  const { objective } = report.experiment;
  const cells = drawnCells(of.cells, report.experiment).map(cell => ({
    cell,
    predicted: predictions?.cells.get(cell),
  }));
  const isPredicted = cells.some(({ predicted }) => predicted !== undefined);
  const quantiles = [...new Set([0.5, objective.quantile])];
  const name = of.workload.name;
  return html`<section>
    <h3>Response time against offered load</h3>
    <${Legend} cells=${cells.map(({ cell }) => cell)} isPredicted=${isPredicted} />
    <div class="plots">${quantiles.map(
      (q, index) => html`<figure>
        <${Plot} id=${`response-${of.id}-${index}`}
          description=${`${quantileName(q)} response time against offered load for ${name}`}
          option=${againstLoad(cells, q, objective)} />
      </figure>`,
    )}</div>
    <p class="note">A filled mark: every trial at this load met the objective. A hollow one: at least one missed it.${
      isPredicted &&
      ' Thin dashes: what the model that was fitted to this run predicts by formulas, up to where a resource is used up; × where it was simulated.'
    }</p>
    <${Behind} caption=${`Response time against offered load for ${name}`} columns=${columnsOf(objective, isPredicted)} rows=${rowsOf(cells, objective, isPredicted)} />
  </section>`;
}

/** A cell, and what the model says of it. */
interface DrawnCell {
  readonly cell: ReportedCell;
  readonly predicted: PredictedCell | undefined;
}

function columnsOf({ quantile: q }: Objective, isPredicted: boolean): { head: string }[] {
  const times = ['p50', quantileName(q)];
  const columns = ['deployment', 'offered load (1/s)', ...times.map(time => `${time} (ms)`), 'trials that carried it'];
  const predicted = isPredicted ? times.map(time => `${time}, predicted (ms)`) : [];
  return [...columns, ...predicted].map(head => ({ head }));
}

function rowsOf(cells: readonly DrawnCell[], { quantile: q }: Objective, isPredicted: boolean): string[][] {
  return cells.flatMap(({ cell: { label, curve }, predicted }) =>
    curve.map(({ arrivalRate, responseTime, trials, carried }, index) => [
      label,
      rounded(arrivalRate),
      milliseconds(quantile(responseTime, 0.5)),
      milliseconds(quantile(responseTime, q)),
      `${carried} of ${trials}`,
      ...(isPredicted ? predictedFigures(predicted, index) : []),
    ]),
  );
}

function predictedFigures(predicted: PredictedCell | undefined, index: number): string[] {
  if (predicted === undefined) return ['–', '–'];
  const point = predicted.atMeasured[index];
  if (point === undefined) return ['not carried', 'not carried'];
  return [milliseconds(point.p50), milliseconds(point.atObjective)];
}

function againstLoad(drawn: readonly DrawnCell[], q: Fraction, objective: Objective): object {
  const cells = drawn.map(({ cell }) => cell);
  const points = cells.flatMap(({ curve }) => curve);
  const times = points.map(({ responseTime }) => quantile(responseTime, q) * 1000);
  const limit = objective.responseTime * 1000;
  const predictedLoads = drawn.flatMap(({ predicted }) => predicted?.curve.at(-1)?.arrivalRate ?? []);
  const measured = drawn.map(({ cell }, index) => {
    const { colour, shape, dash } = lookOf(cell, cells);
    return {
      type: 'line',
      silent: true,
      z: 3,
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
  });
  const predicted = drawn.flatMap(({ cell, predicted: own }) =>
    own === undefined ? [] : predictedSeries(own, lookOf(cell, cells).colour, q, objective),
  );
  return {
    grid,
    xAxis: across(
      'offered load (requests a second)',
      logSpan([...points.map(({ arrivalRate }) => arrivalRate), ...predictedLoads]),
    ),
    // What is predicted just below saturation has no end, and is cut off at the frame.
    yAxis: upward(`${quantileName(q)} response time (ms)`, logSpan([...times, limit])),
    series: [...predicted, ...measured],
  };
}

/** The curve by formulas, and where the simulation was asked. */
function predictedSeries(predicted: PredictedCell, colour: string, q: Fraction, objective: Objective): object[] {
  const timeOf = (point: { p50: Seconds; atObjective: Seconds }) =>
    (q === objective.quantile ? point.atObjective : point.p50) * 1000;
  const { curve, simulated } = predicted;
  return [
    {
      type: 'line',
      silent: true,
      z: 2,
      symbol: 'none',
      lineStyle: { color: colour, width: 1.2, type: predictedDash },
      data: curve.map(point => [point.arrivalRate, timeOf(point)]),
    },
    {
      type: 'line',
      silent: true,
      z: 4,
      symbol: 'path://M-1 -1L1 1M-1 1L1 -1',
      symbolSize: 6,
      lineStyle: { width: 0 },
      itemStyle: { color: 'none', borderColor: colour, borderWidth: 1.5 },
      data: simulated === undefined ? [] : [[simulated.arrivalRate, timeOf(simulated)]],
    },
  ];
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
