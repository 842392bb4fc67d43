import { noneOf } from './closest-word.ts';
import { deploymentsOf, type Entry, type NamedDeployment } from './deployments.ts';
import type { Cell } from './experiment.ts';
import type { Problem } from './problem.ts';
import type { DeploymentEntry, WorkloadEntry } from './schema.ts';
import { workloadsOf } from './workloads.ts';

/** A cell and the words that mean its deployment. */
export interface NamedCell {
  readonly cell: Cell;
  readonly names: readonly string[];
}

/** The lists of an experiment file, as far as their entries can be understood; `areAll`: whether all of them can. */
export interface CellLists {
  readonly deployments: { readonly entries: readonly Entry<DeploymentEntry>[]; readonly areAll: boolean };
  readonly workloads: { readonly entries: readonly Entry<WorkloadEntry>[]; readonly areAll: boolean };
}

/** Every workload on each of its deployments, and what in the lists cannot be. */
export function cellsOf(lists: CellLists, cpus: number): { cells: NamedCell[]; problems: Problem[] } {
  const { deployments, problems: impossible } = deploymentsOf(lists.deployments.entries, cpus);
  const { workloads, problems: unclear } = workloadsOf(lists.workloads.entries, lists.workloads.areAll);
  const problems = [...impossible, ...unclear];
  const cells = workloads.flatMap(({ index, workload, deployments: wanted }) => {
    if (wanted === undefined) return deployments.map(deployment => cellOf(deployment, workload));
    const placed = new Set<NamedDeployment>();
    for (const [position, name] of wanted.entries()) {
      const path = ['workloads', index, 'deployments', position];
      const meant = deployments.filter(({ names }) => names.includes(name));
      if (meant.length === 0 && lists.deployments.areAll && impossible.length === 0) {
        problems.push({ path, message: noneOf(name, [...new Set(deployments.map(({ entry }) => entry))]) });
      }
      if (meant.some(deployment => placed.has(deployment))) problems.push({ path, message: `names "${name}" twice` });
      for (const deployment of meant) placed.add(deployment);
    }
    return [...placed].map(deployment => cellOf(deployment, workload));
  });
  return { cells, problems };
}

function cellOf({ deployment, names }: NamedDeployment, workload: Cell['workload']): NamedCell {
  return { cell: { deployment, workload }, names };
}
