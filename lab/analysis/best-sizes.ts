import type { Cell, Experiment } from '../experiment/experiment.ts';
import type { TrialResult } from '../experiment/trial-result.ts';
import type { Bytes, PerSecond } from '../experiment/units.ts';
import { lightLookOf } from './light-look.ts';
import { loadCurveOf, resultsOf } from './load-curve.ts';
import { posteriorOf } from './posterior.ts';

/** The size of a topology that carries most of a workload, within the experiment's limits. */
export interface BestSize {
  readonly cell: Cell;
  readonly capacity: PerSecond;
}

/** Of each topology with several sizes, on each workload, the one that probably carries most within the limits. */
export function bestSizes(results: readonly TrialResult[], experiment: Experiment): BestSize[] {
  const groups = Map.groupBy(experiment.cells, ({ workload, deployment }) => `${workload.name} ${deployment.topology}`);
  return [...groups.values()].flatMap(cells => {
    const sizes = cells
      .filter(cell => isWithinLimits(cell, results, experiment))
      .flatMap(cell => {
        const capacity = likelyCapacity(cell, results, experiment);
        return capacity === undefined ? [] : [{ cell, capacity }];
      });
    return sizes.sort((a, b) => b.capacity - a.capacity).slice(0, 1);
  });
}

/** The most memory that a cell's workers had in any trial; `undefined` before there was one. */
export function workersMemory(cell: Cell, results: readonly TrialResult[]): Bytes | undefined {
  const had = resultsOf(cell, results).flatMap(result =>
    result.state === 'failed' ? [] : [result.measurement.memory.workers],
  );
  return had.length === 0 ? undefined : Math.max(...had);
}

function isWithinLimits(cell: Cell, results: readonly TrialResult[], { limits }: Experiment): boolean {
  const memory = workersMemory(cell, results) ?? 0;
  return (
    memory <= (limits.memory ?? Number.POSITIVE_INFINITY) &&
    cell.deployment.databaseConnections <= (limits.databaseConnections ?? Number.POSITIVE_INFINITY)
  );
}

function likelyCapacity(cell: Cell, results: readonly TrialResult[], experiment: Experiment): PerSecond | undefined {
  const own = resultsOf(cell, results);
  const light = lightLookOf(own, experiment);
  if (light === undefined) return undefined;
  return posteriorOf(light, loadCurveOf(cell, own, experiment.objective), experiment).quantile(0.5);
}
