import { areLimitedAlike, type Cell, type Experiment, isArticleSize } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { workersMemory } from './best-sizes.ts';

/** In what two deployments that are compared are equal. */
export type Equality = 'workers = CPUs' | 'equal concurrency' | 'equal memory';

/** A comparison of a non-blocking with a blocking deployment, in one of the three ways in which it is fair. */
export interface FairReading {
  readonly reading: Equality;
  readonly of: Cell;
  readonly to: Cell;
}

/** Memory that is called equal: the larger ÷ the smaller. */
const EQUAL_MEMORY = 1.25;

/**
 * For each non-blocking topology in the article's size, with a loop for each CPU, on each workload: the three readings
 * against blocking workers, as processes or as threads, or none when one of them cannot be had. Two blocking workers
 * against forty connections is a choice, not a finding.
 */
export function findFairReadings(results: readonly TrialResult[], experiment: Experiment): FairReading[] {
  const { cells, cpus } = experiment;
  const isBlocking = ({ deployment }: Cell) => isConcurrencyLimited(deployment.spec);
  const loops = cells.filter(
    cell => !isBlocking(cell) && isArticleSize(cell, experiment) && deriveParallelism(cell.deployment).workers === cpus,
  );
  return loops.flatMap(of => {
    const pools = cells.filter(
      cell =>
        isBlocking(cell) &&
        cell.workload.name === of.workload.name &&
        cell.deployment.hidden === of.deployment.hidden &&
        areLimitedAlike(cell, of),
    );
    const perCpu = pools.find(cell => deriveParallelism(cell.deployment).workers === cpus);
    const concurrent = pools.find(
      cell => deriveParallelism(cell.deployment).slots === of.deployment.databaseConnections,
    );
    const alike = nearestInMemory(of, pools, results);
    if (perCpu === undefined || concurrent === undefined || alike === undefined) return [];
    return [
      { reading: 'workers = CPUs' as const, of, to: perCpu },
      { reading: 'equal concurrency' as const, of, to: concurrent },
      { reading: 'equal memory' as const, of, to: alike },
    ];
  });
}

function nearestInMemory(of: Cell, sizes: readonly Cell[], results: readonly TrialResult[]): Cell | undefined {
  const own = workersMemory(of, results);
  const distances = sizes.flatMap(cell => {
    const memory = workersMemory(cell, results);
    return own === undefined || memory === undefined ? [] : [{ cell, distance: Math.abs(Math.log(memory / own)) }];
  });
  const [nearest] = distances.sort((a, b) => a.distance - b.distance);
  return nearest !== undefined && nearest.distance <= Math.log(EQUAL_MEMORY) ? nearest.cell : undefined;
}
