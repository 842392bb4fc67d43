import type uPlot from 'uplot';
import { shownTime } from '../../../model/quantities.ts';
import { type Mark, OBJECTIVE } from '../../protocol.ts';
import { colourOf } from '../colours.ts';
import { labelOf } from './mark-words.ts';

/** Rows of labels, so that marks that are close to one another can all be named. */
const LABEL_ROWS = 3;

/** The objective as a line, with its name. */
export function drawObjective(plot: uPlot, font: string): void {
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(OBJECTIVE, 'y', true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = colourOf('warn');
  ctx.fillStyle = colourOf('warn');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = scaled(font);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  ctx.fillText(`objective ${shownTime(OBJECTIVE)}`, bbox.left + 4 * devicePixelRatio, y - 2 * devicePixelRatio);
  ctx.restore();
}

/** A vertical line for each mark, with its name where there is room for it. */
export function drawMarks(plot: uPlot, marks: readonly Mark[], font: string): void {
  const { ctx, bbox } = plot;
  const first = plot.scales.x?.min ?? Number.POSITIVE_INFINITY;
  ctx.save();
  ctx.font = scaled(font);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  const shown = marks
    .filter(({ time }) => time >= first)
    .map(mark => ({
      label: labelOf(mark),
      x: Math.min(Math.round(plot.valToPos(mark.time, 'x', true)), bbox.left + bbox.width) + 0.5,
    }));
  ctx.strokeStyle = colourOf('soft');
  for (const { x } of shown) {
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  const height = 1.25 * Number.parseInt(ctx.font, 10);
  const free = Array.from({ length: LABEL_ROWS }, () => bbox.left);
  for (const { label, x } of shown) {
    const width = ctx.measureText(label).width;
    // To the left of its line: marks come in at the right. Where there is no room the list says what it was.
    const left = x - width - 3 * devicePixelRatio;
    const row = free.findIndex(from => left >= from);
    if (row < 0) continue;
    const top = bbox.top + row * height;
    // On a ground of its own, so that no line strikes it through.
    ctx.fillStyle = colourOf('paper');
    ctx.fillRect(left - devicePixelRatio, top, width + 2 * devicePixelRatio, height);
    ctx.fillStyle = colourOf('soft');
    ctx.fillText(label, left, top);
    free[row] = x + 2 * devicePixelRatio;
  }
  ctx.restore();
}

function scaled(font: string): string {
  return font.replace(/^\d+/, size => String(Math.round(Number(size) * devicePixelRatio)));
}
