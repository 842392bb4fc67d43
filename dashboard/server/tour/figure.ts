import type { Interval } from '../../../model/statistics.ts';
import type { TopologyName } from '../../../model/topology.ts';
import type { TourFigure } from '../../protocol.ts';

/** A figure of an outcome; of an interval with its bounds, where it has them. */
export function figure(
  name: string,
  unit: TourFigure['unit'],
  value: number | Interval,
  topology?: TopologyName,
): TourFigure {
  const of = topology === undefined ? {} : { topology };
  if (typeof value === 'number') return { name, ...of, unit, value };
  const { estimate, low, high } = value;
  const bounds = Number.isFinite(low) && Number.isFinite(high) ? { low, high } : {};
  return { name, ...of, unit, value: estimate, ...bounds };
}
