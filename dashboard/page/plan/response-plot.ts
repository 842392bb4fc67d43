import uPlot from 'uplot';
import { shownRate, shownTime } from '../../../model/quantities.ts';
import { colourOf, painted } from '../colours.ts';
import type { ResponseCurve } from './response-curve.ts';

/** The curve as the plot takes it. */
export function columnsOf({ loads, median, atObjective }: ResponseCurve): uPlot.AlignedData {
  return [[...loads], [...median], [...atObjective]];
}

/** A plot of a curve that may become another one, with the objective and the planned load; `colour` is CSS. */
export function plotCurve(parent: HTMLElement, curve: () => ResponseCurve, colour: string): uPlot {
  const scaling = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const font = `${Math.round(11.5 * scaling)}px system-ui, sans-serif`;
  const axis = { stroke: () => colourOf('soft'), font, ticks: { show: false } };
  const line = { stroke: () => painted(colour), points: { show: false } };
  return new uPlot(
    {
      width: parent.clientWidth,
      height: parent.clientHeight,
      padding: [8 * scaling, 18 * scaling, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: (_, __, last) => [0, last] },
        y: { distr: 3, range: () => rangeOf(curve()) },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 26 * scaling,
          space: 64 * scaling,
          values: (_, loads) => loads.map(shownRate),
        },
        {
          ...axis,
          grid: { stroke: () => colourOf('hair'), width: 1 },
          size: 58 * scaling,
          gap: 6,
          splits: (_, __, lowest, highest) => decades(lowest, highest),
          filter: (_, values) => values,
          values: (_, times) => times.map(shownTime),
        },
      ],
      series: [{}, { ...line, width: 1 }, { ...line, width: 2.25 }],
      hooks: { drawAxes: [plot => drawMarks(plot, curve(), font)] },
    },
    columnsOf(curve()),
    parent,
  );
}

/** Whole decades, with the objective in sight; what grows without end is cut off. */
function rangeOf({ median, objective }: ResponseCurve): [number, number] {
  const least = Math.min(objective, ...median.filter(time => time !== null));
  return [10 ** Math.floor(Math.log10(Math.max(least, 1e-4))), 10 ** Math.ceil(Math.log10(objective * 2))];
}

function decades(lowest: number, highest: number): number[] {
  const count = Math.round(Math.log10(highest / lowest)) + 1;
  return Array.from({ length: count }, (_, index) => Number((lowest * 10 ** index).toPrecision(1)));
}

function drawMarks(plot: uPlot, { objective, planned }: ResponseCurve, font: string): void {
  const { ctx, bbox } = plot;
  const across = Math.round(plot.valToPos(objective, 'y', true)) + 0.5;
  const along = Math.min(Math.round(plot.valToPos(planned, 'x', true)), bbox.left + bbox.width) + 0.5;
  const gap = 4 * devicePixelRatio;
  ctx.save();
  ctx.font = font.replace(/^\d+/, size => String(Math.round(Number(size) * devicePixelRatio)));
  ctx.lineWidth = devicePixelRatio;
  ctx.strokeStyle = colourOf('warn');
  ctx.fillStyle = colourOf('warn');
  ctx.beginPath();
  ctx.moveTo(bbox.left, across);
  ctx.lineTo(bbox.left + bbox.width, across);
  ctx.stroke();
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  ctx.fillText(`objective ${shownTime(objective)}`, bbox.left + gap, across - gap / 2);
  ctx.strokeStyle = colourOf('soft');
  ctx.fillStyle = colourOf('soft');
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(along, bbox.top);
  ctx.lineTo(along, bbox.top + bbox.height);
  ctx.stroke();
  const label = `planned ${shownRate(planned)}`;
  // On the side on which there is room for it.
  const isLeft = along - bbox.left > ctx.measureText(label).width + 2 * gap;
  ctx.textAlign = isLeft ? 'right' : 'left';
  ctx.fillText(label, along + (isLeft ? -gap : gap), bbox.top + bbox.height - gap / 2);
  ctx.restore();
}
