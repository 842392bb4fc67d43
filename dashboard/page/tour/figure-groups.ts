import type { TourFigure } from '../../protocol.ts';
import { shownBytes, shownCount, shownFraction, shownNumber, shownRate, shownTime } from '../figures.ts';

/** Figures of one name, which are compared with each other. */
export interface FigureGroup {
  readonly name: string;
  readonly figures: readonly TourFigure[];
  /** The end of their scale: the greatest of them, with its interval. */
  readonly greatest: number;
}

/** Figures by name, in the order in which names come first. */
export function groupsOf(figures: readonly TourFigure[]): FigureGroup[] {
  return [...new Set(figures.map(({ name }) => name))].map(name => {
    const group = figures.filter(figure => figure.name === name);
    return { name, figures: group, greatest: Math.max(0, ...group.map(({ value, high }) => high ?? value)) };
  });
}

/** The value with its unit: `93.1/s`. */
export function shownFigure({ value, unit }: Pick<TourFigure, 'value' | 'unit'>): string {
  return shownIn[unit](value);
}

/** Its interval of 95 %, where it has one: `91.8/s to 94.4/s`. */
export function shownInterval({ unit, low, high }: TourFigure): string | undefined {
  return low === undefined || high === undefined ? undefined : `${shownIn[unit](low)} to ${shownIn[unit](high)}`;
}

const shownIn: Readonly<Record<TourFigure['unit'], (value: number) => string>> = {
  '': shownNumber,
  '1/s': shownRate,
  s: shownTime,
  bytes: shownBytes,
  fraction: shownFraction,
  requests: shownCount,
};
