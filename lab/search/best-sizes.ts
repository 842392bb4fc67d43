import { containersSuffix } from '../../model/deployment.ts';
import type { Cell, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Bytes } from '../../model/quantities.ts';
import { knowledgeOf } from './knowledge.ts';
import { resultsOf } from './load-curve.ts';

/** Of each topology, on each workload, within each set of limits of its containers, the size that probably carries most within the experiment's limits. */
export function bestSizes(results: readonly TrialResult[], experiment: Experiment): Cell[] {
  const groups = Map.groupBy(experiment.cells, ({ workload, deployment: { topology, containers, hidden } }) =>
    [workload.name, topology, containersSuffix(containers), hidden].join(' '),
  );
  return [...groups.values()].flatMap(cells => {
    const sizes = cells
      .filter(cell => isWithinLimits(cell, results, experiment))
      .flatMap(cell => {
        const capacity = knowledgeOf(cell, results, experiment)?.posterior.quantile(0.5);
        return capacity === undefined ? [] : [{ cell, capacity }];
      });
    const [best] = sizes.sort((a, b) => b.capacity - a.capacity);
    return best === undefined ? [] : [best.cell];
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
