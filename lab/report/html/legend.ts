import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { ReportedCell } from '../report.ts';
import { lookOf } from './palette.ts';

const strokes = { solid: '', dashed: '5 3', dotted: '1.5 2.5' };

/** Which line is which, once for all plots of a workload; `isPredicted`: beside the measured lines there are a model's. */
export function Legend({
  cells,
  isPredicted = false,
}: {
  cells: readonly ReportedCell[];
  isPredicted?: boolean;
}): VNode {
  return html`<ul class="legend">${cells.map(cell => {
    const { colour, shape, dash } = lookOf(cell, cells);
    return html`<li>
      <svg viewBox="-14 -6 28 12" width="28" height="12" aria-hidden="true">
        <path d="M-14 0H14" stroke=${colour} stroke-width="2" stroke-dasharray=${strokes[dash]} />
        <path d=${shape} transform="scale(4.5)" fill=${colour} />
      </svg>${cell.label}</li>`;
  })}${isPredicted && html`<${PredictedEntry} />`}</ul>`;
}

/** What a model's lines look like in a legend. */
export function PredictedEntry(): VNode {
  return html`<li>
    <svg viewBox="-14 -6 28 12" width="28" height="12" aria-hidden="true">
      <path d="M-14 0H14" stroke="var(--soft)" stroke-width="1.2" stroke-dasharray=${predictedDash.join(' ')} />
    </svg>predicted</li>`;
}

/** Dashes of every predicted line, in pixels: finer than those of measured ones. */
export const predictedDash = [3, 2.5];
