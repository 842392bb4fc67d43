import type { TopologyName } from '../../../model/topology.ts';
import type { StepFigure } from './figure.ts';

/** How far two counts of the same requests may lie apart. */
const TOLERANCE = 0.05;

/** What one topology was sent in the whole step, counted twice. */
export interface Counts {
  readonly topology: TopologyName;
  /** Requests that ended, of any kind. */
  readonly nginx: number;
  readonly k6: number;
}

/** The two counts, as the step's outcome shows them. */
export function countFigures(counts: readonly Counts[]): StepFigure[] {
  return counts.flatMap(({ topology, nginx, k6 }) => [
    { name: 'answered, as nginx counted', topology, value: nginx, unit: 'requests' as const },
    { name: 'answered, as k6 counted', topology, value: k6, unit: 'requests' as const },
  ]);
}

/** A sentence about the topologies on which nginx and k6 do not agree; `undefined` when they do. */
export function disagreement(counts: readonly Counts[]): string | undefined {
  const apart = counts.filter(({ nginx, k6 }) => Math.abs(nginx - k6) > TOLERANCE * k6);
  if (apart.length === 0) return undefined;
  const each = apart.map(({ topology, nginx, k6 }) => `${topology}: nginx ${nginx}, k6 ${k6}`);
  return `The two counts of these requests differ by more than 5 % (${each.join('; ')}), so take the figures with care.`;
}
