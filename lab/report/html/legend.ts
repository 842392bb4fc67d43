import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { ReportedCell } from '../report.ts';
import { lookOf } from './palette.ts';

const strokes = { solid: '', dashed: '5 3', dotted: '1.5 2.5' };

/** Which line is which, once for all plots of a workload. */
export function Legend({ cells }: { cells: readonly ReportedCell[] }): VNode {
  return html`<ul class="legend">${cells.map(cell => {
    const { colour, shape, dash } = lookOf(cell, cells);
    return html`<li>
      <svg viewBox="-14 -6 28 12" width="28" height="12" aria-hidden="true">
        <path d="M-14 0H14" stroke=${colour} stroke-width="2" stroke-dasharray=${strokes[dash]} />
        <path d=${shape} transform="scale(4.5)" fill=${colour} />
      </svg>${cell.label}</li>`;
  })}</ul>`;
}
