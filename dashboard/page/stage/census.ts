import type { TopologyName } from '../../../model/topology.ts';
import type { WorkerState } from '../../protocol.ts';
import type { Picture } from './replay.ts';

/** How many requests are where at one topology, by its dots: each counts for as many as it stands for. */
export interface Census {
  /** At the pool. */
  readonly waiting: number;
  /** With each worker: what it counts itself. */
  readonly held: readonly number[];
  readonly workers: readonly WorkerState[];
}

/** Counts the requests of each topology. */
export function censusOf(
  { dots, workers }: Picture,
  topologies: readonly TopologyName[],
  requestsPerDot: number,
): Partial<Record<TopologyName, Census>> {
  const census: Partial<Record<TopologyName, Census>> = {};
  for (const topology of topologies) {
    const waiting = dots.filter(dot => dot.topology === topology && dot.phase === 'waiting').length;
    const states = workers[topology] ?? [];
    census[topology] = {
      waiting: waiting * requestsPerDot,
      held: states.map(({ alive, inProgress }) => (alive ? inProgress : 0)),
      workers: states,
    };
  }
  return census;
}
