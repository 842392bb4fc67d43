import type { VNode } from 'preact';
import type { Objective } from '../../../model/experiment.ts';
import { type Histogram, quantile } from '../../../model/histogram.ts';
import { type Fraction, milliseconds, quantileName, rounded, type Seconds } from '../../../model/quantities.ts';
import { linearAxis, logAxis } from '../../view/axis.ts';
import { type Columns, FoldedTable } from '../../view/data-table.ts';
import { h } from '../../view/element.ts';
import type { PlotLine } from '../../view/plot.ts';
import type { CurvePoint } from '../curves.ts';
import type { PredictedCell, Predictions } from '../predictions.ts';
import { drawnCells, type ReportedCell } from '../report.ts';
import {
  type CurveRow,
  curveRows,
  Drawing,
  keysOfCells,
  objectiveRule,
  PlotLegend,
  predicted as predictedLine,
  Section,
  type SectionProps,
  styleCell,
} from './parts.ts';

/** Response time against offered load, measured and predicted: the median, and the quantile of the objective. */
export function ResponseTimeSection({ report, of, predictions }: SectionProps): VNode {
  const { objective } = report.experiment;
  const cells = drawnCells(of.cells, report.experiment);
  const isPredicted = cells.some(cell => predictions?.cells.has(cell));
  const name = of.workload.name;
  const note = `A filled mark: every trial at this load met the objective. A hollow mark: at least one trial missed it. The leftmost mark is often a light look, a short trial in which one slow request is enough to miss it.${
    isPredicted
      ? ' Thin dashes: what the model that was fitted to this run predicts by formulas, up to where a resource is used up; × where it was simulated.'
      : ''
  }`;
  return Section(
    'Response time against offered load',
    note,
    PlotLegend(keysOfCells(cells), isPredicted),
    h(
      'div',
      { class: 'plots' },
      [...new Set([0.5, objective.quantile])].map(q =>
        Drawing({
          label: `${quantileName(q)} response time against offered load for ${name}`,
          ...againstLoad(cells, predictions, q, objective),
        }),
      ),
    ),
    FoldedTable({
      caption: `Response time against offered load for ${name}`,
      columns: isPredicted
        ? { ...measuredColumns(objective), ...predictedColumns(objective) }
        : measuredColumns(objective),
      rows: curveRows(cells, predictions),
    }),
  );
}

const measuredColumns = ({ quantile: q }: Objective): Columns<CurveRow> => ({
  deployment: ({ cell }) => cell.label,
  'offered load (1/s)': ({ point }) => rounded(point.arrivalRate),
  'p50 (ms)': ({ point }) => milliseconds(quantile(point.responseTime, 0.5)),
  [`${quantileName(q)} (ms)`]: ({ point }) => milliseconds(quantile(point.responseTime, q)),
  'trials that carried it': ({ point }) => `${point.carried} of ${point.trials}`,
});

const predictedColumns = ({ quantile: q }: Objective): Columns<CurveRow> => ({
  'p50, predicted (ms)': row => predictedTime(row, 'p50'),
  [`${quantileName(q)}, predicted (ms)`]: row => predictedTime(row, 'atObjective'),
});

function predictedTime({ predicted, index }: CurveRow, of: 'p50' | 'atObjective'): string | undefined {
  const point = predicted?.atMeasured[index];
  return point ? milliseconds(point[of]) : predicted && 'not carried';
}

function againstLoad(
  cells: readonly ReportedCell[],
  predictions: Predictions | undefined,
  q: Fraction,
  objective: Objective,
) {
  const isObjective = q === objective.quantile;
  const limit = objective.responseTime * 1000;
  const timeOf = (responseTime: Histogram) => quantile(responseTime, q) * 1000;
  const measured = cells.map((cell): PlotLine => {
    const { colour, mark, dash } = styleCell(cell, cells);
    const marks = cell.curve.map(({ arrivalRate, responseTime, trials, carried }) => ({
      ...{ x: arrivalRate, y: timeOf(responseTime), shape: mark, size: 3.5, isHollow: carried < trials },
    }));
    return { points: marks.map(({ x, y }) => [x, y]), colour, width: 1.75, dash, marks };
  });
  const predicted = cells.flatMap(cell => {
    const own = predictions?.cells.get(cell);
    return own ? [drawPrediction(own, styleCell(cell, cells).colour, isObjective)] : [];
  });
  const loads = [...measured, ...predicted].flatMap(({ points }) => points.map(([load]) => load));
  const times = measured.flatMap(({ points }) => points.map(([, time]) => time ?? limit));
  return {
    x: logAxis(loads, { name: 'offered load (requests a second)' }),
    // What is predicted just below saturation has no end, and is cut off at the frame.
    y: logAxis([...times, limit], { name: `${quantileName(q)} response time (ms)` }),
    lines: [...predicted, ...measured],
    rules: isObjective ? [objectiveRule(limit)] : [],
  };
}

/** The curve by formulas, and × where it was simulated. */
function drawPrediction({ curve, simulated }: PredictedCell, colour: string, isObjective: boolean): PlotLine {
  const timeOf = ({ p50, atObjective }: { p50: Seconds; atObjective: Seconds }) =>
    (isObjective ? atObjective : p50) * 1000;
  return {
    ...{ ...predictedLine, colour, points: curve.map(point => [point.arrivalRate, timeOf(point)]) },
    marks: simulated
      ? [{ x: simulated.arrivalRate, y: timeOf(simulated), shape: 'M-1 -1L1 1M-1 1L1 -1', size: 3, isHollow: true }]
      : [],
  };
}

/** Quantiles of the table. */
const tableQuantiles: readonly Fraction[] = [0.5, 0.9, 0.99, 0.999, 0.9999];
/** Points of a curve for each further nine. */
const PER_NINE = 12;
const NINES = 4;

/** How response times are distributed at half of the capacity, to p99.99, on an axis of nines. */
export function DistributionSection({ report, of }: SectionProps): VNode | false {
  const rows = drawnCells(of.cells, report.experiment).flatMap(cell => (cell.atHalf ? [{ cell, ...cell.atHalf }] : []));
  const cells = rows.map(({ cell }) => cell);
  const { name } = of.workload;
  const limit = report.experiment.objective.responseTime * 1000;
  const lines = rows.map(({ cell, responseTime }): PlotLine => {
    const { colour, dash, mark } = styleCell(cell, cells);
    const points = quantilesByNines(responseTime);
    const marks = points
      .filter(([nines]) => Number.isInteger(nines))
      .map(([x, y]) => ({ x, y, shape: mark, size: 3.5 }));
    return { points, colour, dash, width: 1.75, marks };
  });
  const columns: Columns<{ cell: ReportedCell } & CurvePoint> = {
    deployment: ({ cell }) => cell.label,
    'offered load (1/s)': ({ arrivalRate }) => rounded(arrivalRate),
    responses: ({ responseTime }) => String(responseTime.count),
    ...Object.fromEntries(
      tableQuantiles.map(q => [
        `${quantileName(q)} (ms)`,
        ({ responseTime }: CurvePoint) =>
          isKnown(responseTime, q) ? milliseconds(quantile(responseTime, q)) : undefined,
      ]),
    ),
  };
  return (
    rows.length > 0 &&
    Section(
      'Distribution of response times at half of the capacity',
      'Each at the carried load that is nearest to half of its own capacity. A curve ends where its responses do: p99.99 needs ten thousand.',
      PlotLegend(keysOfCells(cells)),
      Drawing({
        ...{ width: 600, height: 300, margin: { right: 28 }, lines, rules: [objectiveRule(limit)] },
        label: `Response time by percentile at half of each deployment’s capacity, for ${name}`,
        x: linearAxis(0, NINES, {
          name: 'percentile',
          ticks: [0, 1, 2, 3, 4],
          show: nines => (nines === 0 ? 'least' : quantileName(1 - 10 ** -nines)),
        }),
        y: logAxis([...lines.flatMap(({ points }) => points.map(([, time]) => time ?? limit)), limit], {
          name: 'response time (ms)',
        }),
      }),
      FoldedTable({ caption: `Response times at half of the capacity, for ${name}`, columns, rows }),
    )
  );
}

/** A quantile beyond the last response but one is nothing but that response. */
function isKnown({ count }: Histogram, q: Fraction): boolean {
  return (1 - q) * count >= 1 - 1e-9;
}

/** Response times in milliseconds by nines: −lg(1 − q), so that each further nine is as wide as the last. */
function quantilesByNines(responseTime: Histogram): [nines: number, time: number][] {
  return Array.from({ length: NINES * PER_NINE + 1 }, (_, index) => index / PER_NINE)
    .filter(nines => isKnown(responseTime, 1 - 10 ** -nines))
    .map(nines => [nines, quantile(responseTime, 1 - 10 ** -nines) * 1000]);
}
