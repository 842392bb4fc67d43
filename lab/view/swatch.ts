import type { VNode } from 'preact';
import { h } from './element.ts';

interface SwatchProps {
  /** Of the line: a CSS colour, and dashes in pixels. */
  readonly style: { readonly colour: string; readonly dash: readonly number[] };
  /** An SVG path in a box from −1 to 1; none: the line has no marks. */
  readonly mark?: string;
  /** Pixels. */
  readonly width?: number;
}

/** A short piece of a line as plots draw it. */
export function Swatch({ style: { colour, dash }, mark, width = 2.5 }: SwatchProps): VNode {
  return h('svg', { class: 'swatch', width: 28, height: 10, viewBox: '0 0 28 10', 'aria-hidden': true }, [
    h('path', { d: 'M0 5H28', stroke: colour, 'stroke-width': width, 'stroke-dasharray': dash.join(' ') || undefined }),
    mark && h('path', { d: mark, fill: colour, transform: 'translate(14 5)scale(4.5)' }),
  ]);
}
