import { containersSuffix } from '../../model/deployment.ts';
import { areLimitedAlike, type Cell, type Experiment, isArticleSize } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { Bytes } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { isGivenUp, readCell } from './cell-state.ts';
import { selectResults } from './load-curve.ts';

/** Loads of a search after which the sizes of a topology are compared: one above and one below. */
const ENOUGH_TRIALS = 2;

/**
 * The cells that go on to be measured. With `sizes: best`, once every cell has been tried: of each topology the size that
 * carries most, the article's size, and the sizes that a reading of a ratio needs.
 */
export function listContenders(results: readonly TrialResult[], experiment: Experiment): readonly Cell[] {
  const { cells } = experiment;
  if (experiment.sizes === 'all') return cells;
  const areTried = cells.every(cell => {
    const state = readCell(cell, results, experiment);
    return isGivenUp(state) || state.curve.length + state.spoiled.length >= ENOUGH_TRIALS;
  });
  if (!areTried) return cells;
  const kept = new Set<Cell>(cells.filter(cell => isArticleSize(cell, experiment)));
  for (const cell of bestSizes(results, experiment)) kept.add(cell);
  for (const { of, to } of findFairReadings(results, experiment)) kept.add(of).add(to);
  return cells.filter(cell => kept.has(cell));
}

/** Of each topology, on each workload, within each set of container limits: the size that probably carries most. */
export function bestSizes(results: readonly TrialResult[], experiment: Experiment): Cell[] {
  const groups = Map.groupBy(experiment.cells, ({ workload, deployment: { topology, containers, hidden } }) =>
    [workload.name, topology, containersSuffix(containers), hidden].join(' '),
  );
  return [...groups.values()].flatMap(cells => {
    const sizes = cells
      .filter(cell => isWithinLimits(cell, results, experiment))
      .flatMap(cell => {
        const capacity = readCell(cell, results, experiment).posterior?.quantile(0.5);
        return capacity === undefined ? [] : [{ cell, capacity }];
      });
    const [best] = sizes.sort((a, b) => b.capacity - a.capacity);
    return best === undefined ? [] : [best.cell];
  });
}

function isWithinLimits(cell: Cell, results: readonly TrialResult[], { limits }: Experiment): boolean {
  const memory = workersMemory(cell, results) ?? 0;
  return (
    memory <= (limits.memory ?? Number.POSITIVE_INFINITY) &&
    cell.deployment.databaseConnections <= (limits.databaseConnections ?? Number.POSITIVE_INFINITY)
  );
}

/** The most memory that a cell's workers had in any trial; `undefined` before there was one. */
function workersMemory(cell: Cell, results: readonly TrialResult[]): Bytes | undefined {
  const had = selectResults(cell, results).flatMap(result =>
    result.state === 'failed' ? [] : [result.measurement.memory.workers],
  );
  return had.length === 0 ? undefined : Math.max(...had);
}

/** In what two deployments that are compared are equal. */
export type Equality = 'workers = CPUs' | 'equal concurrency' | 'equal memory';

/** A comparison of a non-blocking with a blocking deployment, in one of the three ways in which it is fair. */
interface FairReading {
  readonly reading: Equality;
  readonly of: Cell;
  readonly to: Cell;
}

/** Memory that is called equal: the larger ÷ the smaller. */
const EQUAL_MEMORY = 1.25;

/**
 * For each non-blocking topology in the article's size, with a loop for each CPU, on each workload: the three readings
 * against blocking workers, or none if one of them is missing. Two blocking workers against forty connections is a
 * choice, not a finding.
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
