import type { Interval } from '../../../model/statistics.ts';
import type { TopologyName } from '../../../model/topology.ts';
import type { TourFigure, TourOutcome } from '../../protocol.ts';

/** A figure as a step makes it: of a topology, not yet of a deployment. */
export type StepFigure = Omit<TourFigure, 'id'> & { readonly topology?: TopologyName };

/** What a step found out. */
export type StepOutcome = Omit<TourOutcome, 'figures'> & { readonly figures: readonly StepFigure[] };

/** A figure of an outcome; of an interval with its bounds, where it has them. */
export function figure(
  name: string,
  unit: TourFigure['unit'],
  value: number | Interval,
  topology?: TopologyName,
): StepFigure {
  const of = topology === undefined ? {} : { topology };
  if (typeof value === 'number') return { name, ...of, unit, value };
  const { estimate, low, high } = value;
  const bounds = Number.isFinite(low) && Number.isFinite(high) ? { low, high } : {};
  return { name, ...of, unit, value: estimate, ...bounds };
}
