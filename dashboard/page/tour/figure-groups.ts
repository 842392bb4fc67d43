import { shownBytes, shownCount, shownNumber, shownRate, shownTime, wholePercent } from '../../../model/quantities.ts';
import type { TourFigure } from '../../protocol.ts';

/** Figures of one name, which are compared with each other. */
export interface FigureGroup {
  readonly name: string;
  readonly figures: readonly TourFigure[];
  /** The end of their scale: the greatest of all figures of their unit, with its interval; of fractions the whole. */
  readonly greatest: number;
}

/** Figures by name, in the order in which names come first. Bars of one unit are as long as they are great, whatever their names. */
export function groupsOf(figures: readonly TourFigure[]): FigureGroup[] {
  return [...new Set(figures.map(({ name }) => name))].map(name => {
    const group = figures.filter(figure => figure.name === name);
    const units = new Set(group.map(({ unit }) => unit));
    return { name, figures: group, greatest: greatestOf(figures.filter(({ unit }) => units.has(unit))) };
  });
}

function greatestOf(figures: readonly TourFigure[]): number {
  return Math.max(0, ...figures.map(({ unit, value, high }) => (unit === 'fraction' ? 1 : (high ?? value))));
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
  fraction: wholePercent,
  requests: shownCount,
};
