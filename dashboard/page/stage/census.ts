import type { DeploymentId, WorkerState } from '../../protocol.ts';
import type { Picture } from './replay.ts';

/** How many requests are where at one deployment, by its dots: each counts for as many as it stands for. */
export interface Census {
  /** At the pool. */
  readonly waiting: number;
  /** With each worker: what it counts itself. */
  readonly held: readonly number[];
  readonly workers: readonly WorkerState[];
}

/** Counts the requests of each deployment. */
export function censusOf(
  { dots, workers }: Picture,
  deployments: readonly DeploymentId[],
  requestsPerDot: number,
): Partial<Record<DeploymentId, Census>> {
  const census: Partial<Record<DeploymentId, Census>> = {};
  for (const id of deployments) {
    const waiting = dots.filter(dot => dot.id === id && dot.phase === 'waiting').length;
    const states = workers[id] ?? [];
    census[id] = {
      waiting: waiting * requestsPerDot,
      held: states.map(({ alive, inProgress }) => (alive ? inProgress : 0)),
      workers: states,
    };
  }
  return census;
}
