import { OBJECTIVE } from '../../protocol.ts';
import type { Dot } from './dot.ts';

/** Seconds from which on a dot is no longer fresh. */
export const AGEING = 0.1;

/** SVG paths in a box from −1.2 to 1.2, with their colour and the width of the line. */
export interface DotShape {
  readonly colour: string;
  readonly fill?: string;
  readonly stroke?: string;
  readonly width?: number;
}

const circle = (radius: number): string =>
  `M${radius} 0A${radius} ${radius} 0 1 1 ${-radius} 0A${radius} ${radius} 0 1 1 ${radius} 0Z`;

/** How dots of different ages look: in shape as well as in colour. */
export const dotShapes = {
  fresh: { colour: 'fresh', fill: circle(0.86) },
  ageing: { colour: 'ageing', stroke: circle(0.645), width: 0.61 },
  late: { colour: 'late', fill: circle(0.62), stroke: circle(1.02), width: 0.26 },
  failed: { colour: 'late', stroke: 'M-.8 -.8L.8 .8M.8 -.8L-.8 .8', width: 0.5 },
} as const satisfies Readonly<Record<string, DotShape>>;

/** Usual, small on the way back, large with a blocking worker. */
export const dotSizes = [1, 0.72, 1.5];

/** The index of a dot's sprite: for each size, each shape. */
export function chooseLook({ age, failed, phase }: Pick<Dot, 'age' | 'failed' | 'phase'>, isLarge: boolean): number {
  const isBack = phase === 'returning' || phase === 'falling';
  const shape = failed && isBack ? 3 : age > OBJECTIVE ? 2 : age >= AGEING ? 1 : 0;
  const size = phase === 'returning' ? 1 : isLarge ? 2 : 0;
  return size * Object.keys(dotShapes).length + shape;
}
