import type { Cell } from '../../model/experiment.ts';
import { noneOf } from './closest-word.ts';
import { deploymentsOf, type Entry, type NamedDeployment } from './deployments.ts';
import type { FileProblem } from './file-problem.ts';
import type { DeploymentEntry, WorkloadEntry } from './schema.ts';
import { workloadsOf } from './workloads.ts';

/** A cell and the words that mean its deployment. */
export interface NamedCell {
  readonly cell: Cell;
  readonly names: readonly string[];
  /** A plan's model is not fitted to it. */
  readonly heldOut: boolean;
}

/** The lists of an experiment file, as far as their entries can be understood; `areAll`: whether all of them can. */
export interface CellLists {
  readonly deployments: { readonly entries: readonly Entry<DeploymentEntry>[]; readonly areAll: boolean };
  readonly workloads: { readonly entries: readonly Entry<WorkloadEntry>[]; readonly areAll: boolean };
}

/** Every workload on each of its deployments, and what in the lists cannot be. */
export function cellsOf(lists: CellLists, cpus: number): { cells: NamedCell[]; problems: FileProblem[] } {
  const { deployments, problems: impossible } = deploymentsOf(lists.deployments.entries, cpus);
  const { workloads, problems: unclear } = workloadsOf(lists.workloads.entries, lists.workloads.areAll);
  const problems = [...impossible, ...unclear];
  const areAll = lists.deployments.areAll && impossible.length === 0;
  /** Those that a list of a workload means, each once. */
  const meantBy = (names: readonly string[], list: readonly PropertyKey[], among: readonly NamedDeployment[]) => {
    const meant = new Set<NamedDeployment>();
    for (const [position, name] of names.entries()) {
      const path = [...list, position];
      const own = among.filter(({ names }) => names.includes(name));
      if (own.length === 0 && areAll) {
        problems.push({ path, message: noneOf(name, [...new Set(among.map(({ entry }) => entry))]) });
      }
      if (own.some(deployment => meant.has(deployment))) problems.push({ path, message: `names "${name}" twice` });
      for (const deployment of own) meant.add(deployment);
    }
    return meant;
  };
  const cells = workloads.flatMap(({ index, workload, ...lists }) => {
    const at = ['workloads', index];
    const placed = lists.deployments
      ? [...meantBy(lists.deployments, [...at, 'deployments'], deployments)]
      : deployments;
    const heldOut = meantBy(lists.heldOut ?? [], [...at, 'heldOut'], placed);
    return placed.map(deployment => cellOf(deployment, workload, heldOut.has(deployment)));
  });
  return { cells, problems };
}

function cellOf({ deployment, names }: NamedDeployment, workload: Cell['workload'], heldOut: boolean): NamedCell {
  return { cell: { deployment, workload }, names, heldOut };
}
