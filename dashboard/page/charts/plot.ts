import uPlot from 'uplot';
import { HISTORY, type Mark } from '../../protocol.ts';
import { colourOf, painted } from '../colours.ts';
import { styleAt } from '../live.ts';
import { drawMarks, drawObjective } from './annotations.ts';
import type { Columns, Line } from './columns.ts';
import type { ChartDefinition } from './definitions.ts';

export interface PlotOptions {
  readonly chart: ChartDefinition;
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
  /** Read at each drawing. */
  readonly marks: () => readonly Mark[];
  /** The moment under the cursor, in seconds since 1970; `undefined` when it has left. */
  readonly onHover: (time: number | undefined) => void;
}

/** A chart of the last two minutes in `parent`; its cursor moves with those of all others. */
export function plot(parent: HTMLElement, columns: Columns, options: PlotOptions): uPlot {
  const { chart, lines, width, height, marks, onHover } = options;
  const scaling = fontSize() / 16;
  const font = `${Math.round(11.5 * scaling)}px system-ui, sans-serif`;
  const axis = { stroke: () => colourOf('soft'), font, ticks: { show: false } };
  const grid = { stroke: () => colourOf('hair'), width: 1 };
  return new uPlot(
    {
      width,
      height,
      padding: [8 * scaling, 18 * scaling, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: 'loadline' }, drag: { x: false, y: false }, y: false, points: { size: 6 } },
      scales: { x: { time: false, range: (_, __, last) => [last - HISTORY, last] }, y: yScale(chart) },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 24 * scaling,
          splits: agesOf,
          values: (plot, ages) => ages.map(age => shownAge(plot, age)),
        },
        {
          ...axis,
          grid,
          size: 58 * scaling,
          gap: 6,
          values: (_, values) => values.map(value => chart.shown(value)),
          ...(chart.scale === 'fraction' && { splits: () => [0, 0.5, 1] }),
          ...(chart.scale === 'logarithm' && { splits: decades, filter: (_: uPlot, values: number[]) => values }),
        },
      ],
      series: [{}, ...lines.map(seriesOf)],
      hooks: {
        setCursor: [({ cursor: { idx }, data }) => onHover(typeof idx === 'number' ? data[0][idx] : undefined)],
        // Before the lines, so that nothing hides what was measured.
        drawAxes: [
          plot => {
            if (chart.name === 'response-time') drawObjective(plot, font);
            drawMarks(plot, marks(), font);
          },
        ],
      },
    },
    columns,
    parent,
  );
}

function fontSize(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}

function seriesOf({ id, measure }: Line): uPlot.Series {
  const style = styleAt(id);
  return {
    stroke: () => (style === undefined ? colourOf('soft') : painted(style.colour)),
    width: measure.thin ? 1 : 2.25,
    ...(style !== undefined && { dash: [...style.dash] }),
    points: { show: false },
  };
}

function yScale({ scale }: ChartDefinition): uPlot.Scale {
  if (scale === 'fraction') return { range: () => [0, 1.02] };
  if (scale === 'linear') return { range: (_, __, highest) => [0, Math.max(highest * 1.1, 1)] };
  return {
    distr: 3,
    // The objective is always in sight.
    range: (_, lowest, highest) => [
      decadeBelow(Math.min(lowest || 0.01, 0.01)),
      decadeAbove(Math.max(highest || 1, 1)),
    ],
  };
}

function decadeBelow(seconds: number): number {
  return 10 ** Math.max(Math.floor(Math.log10(seconds)), -4);
}

function decadeAbove(seconds: number): number {
  return 10 ** Math.ceil(Math.log10(seconds));
}

function decades(_: uPlot, __: number, lowest: number, highest: number): number[] {
  const count = Math.round(Math.log10(highest / lowest)) + 1;
  return Array.from({ length: count }, (_, index) => Number((lowest * 10 ** index).toPrecision(1)));
}

/** Moments half a minute apart, counted from now: labels stand still while the lines move. */
function agesOf(_: uPlot, __: number, first: number, last: number): number[] {
  return [0, 30, 60, 90]
    .map(age => last - age)
    .filter(time => time >= first)
    .reverse();
}

function shownAge(plot: uPlot, time: number): string {
  const age = Math.round((plot.scales.x?.max ?? time) - time);
  return age === 0 ? 'now' : `−${age} s`;
}
