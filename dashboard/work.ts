/** What work requests ask for, and how much of it a deployment may be sent. Pure: the page and the server import it. */
import { workOfRequest } from '../model/contract/work.ts';
import { deriveParallelism } from '../model/parallelism.ts';
import { type DeploymentId, type LiveWorkload, type StagedDeployment, settingLimits } from './protocol.ts';

/** Seconds after which k6 no longer waits for an answer: long enough for a queue to be seen. */
export const TIME_LIMIT = 10;
/** Seconds of a read of one row, about. */
const READ = 0.5e-3;
/** Times what its CPUs can compute, and what its slots can be busy with, a deployment is asked at most. */
const MOST_COMPUTING = 2;
const MOST_BLOCKED = 3;

/** The deployments of a stack, and the CPUs that they share. */
export interface SharedMachine {
  readonly deployments: readonly Pick<StagedDeployment, 'id' | 'deployment'>[];
  readonly cpus: number;
}

/** Seconds that one request computes and waits for the database, if nothing holds it up and as far as it is asked to. */
export function workOf(workload: LiveWorkload): number {
  const { computing, waiting } = workOfRequest(workload);
  // Only the reads that are asked for: those of `item` or `orders` are too short to limit a load.
  return computing + waiting + (workload.parameters.reads ?? 0) * READ;
}

/**
 * How many requests of the workload may be sent within so many seconds to each of these deployments, not rounded: the
 * one that is first overrun by far counts. A worker works off what it has been sent though nobody waits for it any more.
 */
export function workableIn(
  seconds: number,
  workload: LiveWorkload,
  ids: readonly DeploymentId[],
  { deployments, cpus }: SharedMachine,
): number {
  const { computing } = workOfRequest(workload);
  const work = workOf(workload);
  const most = deployments
    .filter(({ id }) => ids.includes(id))
    .flatMap(({ deployment }) => {
      const { slots, cpuCeiling } = deriveParallelism(deployment);
      const busy = Math.min(settingLimits.work, MOST_BLOCKED * slots);
      return [
        computing > 0 ? (seconds * MOST_COMPUTING * Math.min(cpuCeiling, cpus)) / computing : Number.POSITIVE_INFINITY,
        work > 0 ? (seconds * busy) / work : Number.POSITIVE_INFINITY,
      ];
    });
  return Math.min(...most);
}

/** The same in whole requests. */
export function mostWithin(...asked: Parameters<typeof workableIn>): number {
  // Not 20 s / 0.02 s = 999.999….
  return Math.floor(workableIn(...asked) + 1e-9);
}
