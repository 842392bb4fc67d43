import { line } from 'd3-shape';
import type { ComponentChildren, VNode } from 'preact';
import type { Axis } from './axis.ts';
import { h } from './element.ts';

/** A line through points in order of x; it is broken where y is null. */
export interface PlotLine {
  readonly points: readonly (readonly [x: number, y: number | null])[];
  /** CSS. */
  readonly colour: string;
  /** Pixels, as the dashes are; 0: marks alone. */
  readonly width: number;
  readonly dash?: readonly number[];
  readonly marks?: readonly PlotMark[];
}

/** A mark in the colour of its line. */
interface PlotMark {
  readonly x: number;
  readonly y: number;
  /** An SVG path in a box from −1 to 1. */
  readonly shape: string;
  /** Half of its width, in pixels. */
  readonly size: number;
  readonly isHollow?: boolean;
}

/** A straight line across the plot at a value of one of its axes. */
export interface PlotRule {
  readonly at: { readonly x: number } | { readonly y: number };
  readonly label?: string;
  readonly colour?: string;
  readonly dash?: readonly number[];
}

/** Pixels around the frame, for its labels. */
export interface Margin {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** From values to pixels within the frame. */
export interface PlotFrame {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly width: number;
  readonly height: number;
}

export interface PlotProps {
  /** What is drawn, for those who do not see it. */
  readonly label: string;
  /** Pixels, with the margin. */
  readonly width: number;
  readonly height: number;
  readonly margin: Margin;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines?: readonly PlotLine[];
  readonly rules?: readonly PlotRule[];
  /** What else stands in the frame, over the lines. */
  readonly draw?: (frame: PlotFrame) => ComponentChildren;
  /** Pixels. */
  readonly fontSize?: number;
}

/** A plot as SVG, in page and report alike; it takes its colours from the page around it. */
export function Plot({
  label,
  width,
  height,
  margin,
  x,
  y,
  lines = [],
  rules = [],
  draw,
  fontSize = 11.5,
}: PlotProps): VNode {
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const [toX, toY] = [x.scale.copy().range([0, inner.width]), y.scale.copy().range([inner.height, 0])];
  const frame: PlotFrame = { ...inner, x: value => tenths(toX(value)), y: value => tenths(toY(value)) };
  return h(
    'svg',
    { class: 'plot', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label, 'font-size': fontSize },
    h('g', { transform: `translate(${margin.left} ${margin.top})`, fill: 'none' }, [
      Axes({ x, y, frame, margin, fontSize }),
      Rules({ rules, frame, fontSize }),
      Lines({ lines, frame }),
      draw?.(frame),
    ]),
  );
}

interface AxesProps {
  readonly x: Axis;
  readonly y: Axis;
  readonly frame: PlotFrame;
  readonly margin: Margin;
  readonly fontSize: number;
}

function Axes({ x, y, frame, margin, fontSize }: AxesProps): VNode {
  const { width, height } = frame;
  const named = withRoom(x.ticks, width + margin.right, tick => [
    frame.x(tick),
    estimateWidth(x.show(tick), fontSize) + fontSize / 2,
  ]);
  const grid = [
    ...x.ticks.map(tick => `M${frame.x(tick)} 0V${height}`),
    ...(y.isRows ? [] : y.ticks).map(tick => `M0 ${frame.y(tick)}H${width}`),
  ];
  return h('g', { fill: 'var(--soft)' }, [
    h('path', { d: grid.join(''), stroke: 'var(--hair)' }),
    h('path', { d: `M0 0V${height}H${width}`, stroke: 'var(--rule)', fill: 'none' }),
    h(
      'g',
      { 'text-anchor': 'middle' },
      named.map(tick => h('text', { x: frame.x(tick), y: height + 1.5 * fontSize }, x.show(tick))),
    ),
    h(
      'g',
      { 'text-anchor': 'end', ...(y.isRows && { fill: 'var(--ink)' }) },
      y.ticks.map(tick => h('text', { x: -8, y: frame.y(tick), dy: '.35em' }, y.show(tick))),
    ),
    x.name && h('text', { x: width / 2, y: height + 3.1 * fontSize, 'text-anchor': 'middle' }, x.name),
    y.name && h('text', { x: 8 - margin.left, y: -fontSize }, y.name),
  ]);
}

/** Rows of labels of upright rules, so that several that are close to one another can be named. */
const LABEL_ROWS = 3;

function Rules({ rules, frame, fontSize }: { rules: readonly PlotRule[]; frame: PlotFrame; fontSize: number }): VNode {
  const free = Array.from({ length: LABEL_ROWS }, () => 0);
  /** To the left of its rule, or where there is no room to the right; `undefined`: it has no place. */
  const placeAbove = (label: string, x: number) => {
    const width = estimateWidth(label, fontSize);
    const row = free.findIndex(from => x - width - 4 >= from);
    if (row >= 0) free[row] = x + 2;
    else if (free[0] === 0) free.fill(x + width + 8);
    else return undefined;
    return {
      x: row < 0 ? x + 4 : x - 4,
      y: (Math.max(row, 0) + 1) * 1.2 * fontSize,
      'text-anchor': row < 0 ? 'start' : 'end',
    } as const;
  };
  const drawn = rules.map(({ at, label, colour = 'var(--soft)', dash = [] }) => {
    const [d, place] =
      'y' in at
        ? [`M0 ${frame.y(at.y)}H${frame.width}`, { x: 4, y: frame.y(at.y) - 4 }]
        : [`M${frame.x(at.x)} 0V${frame.height}`, label && placeAbove(label, frame.x(at.x))];
    return {
      rule: h('path', { d, stroke: colour, 'stroke-dasharray': dash.join(' ') || undefined }),
      text: label && place && h('text', { ...place, fill: colour }, label),
    };
  });
  // The labels last, on a ground of their own, so that no rule strikes them through.
  const ground = { stroke: 'var(--paper)', 'stroke-width': 4, 'paint-order': 'stroke' };
  return h('g', null, [
    ...drawn.map(({ rule }) => rule),
    h(
      'g',
      ground,
      drawn.map(({ text }) => text),
    ),
  ]);
}

/** Pixels around the frame in which lines are still seen, so that one at its edge is whole. */
const EDGE = 2;

function Lines({ lines, frame }: { lines: readonly PlotLine[]; frame: PlotFrame }): VNode {
  const { x, y, width, height } = frame;
  const path = line<readonly [number, number | null]>(
    ([at]) => x(at),
    ([, value]) => y(value ?? 0),
  )
    .defined(([, value]) => value !== null)
    .digits(1);
  const [wide, high] = [width + 2 * EDGE, height + 2 * EDGE];
  const clip = { x: -EDGE, y: -EDGE, width: wide, height: high, viewBox: `${-EDGE} ${-EDGE} ${wide} ${high}` };
  return h('g', { 'stroke-linejoin': 'round' }, [
    h(
      'svg',
      clip,
      lines.map(
        ({ points, colour, width, dash = [] }) =>
          width > 0 &&
          h('path', {
            d: path(points) ?? '',
            stroke: colour,
            'stroke-width': width,
            'stroke-dasharray': dash.join(' ') || undefined,
          }),
      ),
    ),
    ...lines.flatMap(({ marks = [], colour }) =>
      marks.map(mark => MarkShape({ ...mark, colour, x: x(mark.x), y: y(mark.y) })),
    ),
  ]);
}

/** A mark at a place in pixels. */
export function MarkShape({
  x,
  y,
  shape,
  size,
  colour,
  isHollow = false,
}: PlotMark & { readonly colour: string }): VNode {
  const look = isHollow
    ? { fill: 'var(--paper)', stroke: colour, 'stroke-width': tenths(15 / size) / 10 }
    : { fill: colour };
  return h('path', { d: shape, transform: `translate(${x} ${y})scale(${size})`, ...look });
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

/** About so many pixels: nothing can be measured where there is no screen. */
function estimateWidth(text: string, fontSize: number): number {
  return 0.56 * fontSize * text.length;
}

/** Those of the values that can be named without one name touching another, from the last on. */
function withRoom(
  values: readonly number[],
  end: number,
  spaceOf: (value: number) => [middle: number, width: number],
): number[] {
  let free = end;
  return values
    .toReversed()
    .filter(value => {
      const [middle, width] = spaceOf(value);
      if (middle + width / 2 > free) return false;
      free = middle - width / 2;
      return true;
    })
    .reverse();
}
