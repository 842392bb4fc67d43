import type { ComponentChildren, VNode } from 'preact';
import { styleDeployment } from '../../../model/deployment-style.ts';
import { h } from '../../view/element.ts';
import { type Margin, Plot, type PlotProps, type PlotRule } from '../../view/plot.ts';
import { Swatch } from '../../view/swatch.ts';
import type { CurvePoint } from '../curves.ts';
import type { PredictedCell, Predictions } from '../predictions.ts';
import type { Report, ReportedCell, ReportedWorkload } from '../report.ts';

/** What a section shows: a workload of a report. */
export interface SectionProps {
  readonly report: Report;
  readonly of: ReportedWorkload;
  /** `undefined`: there is no model of this run. */
  readonly predictions: Predictions | undefined;
}

/** A section of a workload: its heading, how it is read, and what it shows. */
export function Section(title: string, note: string | false, ...content: ComponentChildren[]): VNode {
  return h('section', null, [h('h3', null, title), note && h('p', { class: 'note' }, note), ...content]);
}

/** A plot with its caption. */
export function CaptionedPlot(caption: string, drawing: VNode): VNode {
  return h('figure', null, [h('figcaption', null, caption), drawing]);
}

/** A row of a table of curves: a measured load of a cell. */
export interface CurveRow {
  readonly cell: ReportedCell;
  readonly point: CurvePoint;
  /** The place of the point on its curve, and in `predicted.atMeasured`. */
  readonly index: number;
  readonly predicted: PredictedCell | undefined;
}

export function curveRows(cells: readonly ReportedCell[], predictions: Predictions | undefined): CurveRow[] {
  return cells.flatMap(cell =>
    cell.curve.map((point, index) => ({ cell, point, index, predicted: predictions?.cells.get(cell) })),
  );
}

/** Gives a cell its style among those that are drawn with it. */
export function styleCell({ deployment }: ReportedCell, cells: readonly ReportedCell[]) {
  return styleDeployment(
    deployment,
    cells.map(cell => cell.deployment),
  );
}

/** How lines of the model are drawn: thinner than measured ones, with short dashes. */
export const predicted = { width: 1.2, dash: [3, 2.5] } as const;

/** An entry of a legend: its name, and the line or mark of it. */
interface Key {
  readonly name: string;
  readonly swatch: VNode;
}

/** Which line is which; `isPredicted`: there are lines of the model too. */
export function PlotLegend(keys: readonly Key[], isPredicted = false): VNode {
  const ofModel = Swatch({ style: { colour: 'var(--soft)', dash: predicted.dash }, width: predicted.width });
  const all = isPredicted ? [...keys, { name: 'predicted', swatch: ofModel }] : keys;
  return h(
    'ul',
    { class: 'legend' },
    all.map(({ name, swatch }) => h('li', null, [swatch, name])),
  );
}

/** The keys of lines of cells. */
export function keysOfCells(cells: readonly ReportedCell[]): Key[] {
  return cells.map(cell => {
    const style = styleCell(cell, cells);
    return { name: cell.label, swatch: Swatch({ style, mark: style.mark }) };
  });
}

/** Above it the words of a drawing would be larger than those around it. */
const MOST_SCALE = 1.15;
/** Pixels that a narrow telephone has for a drawing before it scrolls; wider drawings need more. */
const LEAST_WIDTH = 328;
const WIDE = 420;

type DrawingProps = Omit<PlotProps, 'width' | 'height' | 'margin'> & {
  readonly width?: number;
  readonly height?: number;
  readonly margin?: Partial<Margin>;
};

/** A plot that grows and shrinks with the page, and scrolls where it is too narrow for its words. */
export function Drawing({ width = WIDE, height = 270, margin, ...plot }: DrawingProps): VNode {
  const least = width < WIDE ? width * 0.9 : LEAST_WIDTH + (width - WIDE) * 0.75;
  const around = { left: 52, right: 16, top: 28, bottom: 42, ...margin };
  return h(
    'div',
    { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': `Plot: ${plot.label}` },
    h(
      'div',
      { class: 'drawing', style: `max-width:${Math.round(width * MOST_SCALE)}px;min-width:${least}px` },
      Plot({ ...plot, width, height, margin: around }),
    ),
  );
}

/** A drawing with a row for each cell, so high that all rows have room. */
export function RowDrawing({
  rows,
  pitch = 30,
  margin,
  ...drawing
}: DrawingProps & { rows: readonly ReportedCell[]; pitch?: number }): VNode {
  const left = 16 + 7 * Math.max(8, ...rows.map(({ label }) => label.length));
  return Drawing({ ...drawing, height: 50 + pitch * rows.length, margin: { left, top: 8, ...margin } });
}

/** The objective as a line across a plot, so many milliseconds. */
export function objectiveRule(limit: number): PlotRule {
  return { at: { y: limit }, label: 'objective', dash: [4, 3] };
}
