import { containersSuffix } from '../../services/container-limits.ts';
import { deploymentName, deploymentOf } from '../../services/deployment.ts';
import type { Cell, Experiment } from './experiment.ts';

/** The cell in a few characters, unique in an experiment: `wait on hybrid-2x1-40`. */
export function cellName({ workload, deployment }: Cell): string {
  return `${workload.name} on ${deploymentName(deployment)}`;
}

/** How many workers serve the cell. */
export function workerCount({ deployment }: Cell): number {
  return deployment.processes * deployment.threadsPerProcess;
}

/** Whether any container of the cell has limits. */
export function isLimited({ deployment }: Cell): boolean {
  return deployment.containers !== undefined;
}

/** Whether the containers of two cells have the same limits: without that no ratio between them is fair. */
export function areLimitedAlike(one: Cell, other: Cell): boolean {
  return containersSuffix(one.deployment.containers) === containersSuffix(other.deployment.containers);
}

/** Whether the cell's deployment has its topology's default numbers: as many processes as CPUs, or the one that there can be. */
export function isArticleSize({ deployment }: Cell, { cpus }: Pick<Experiment, 'cpus'>): boolean {
  return deploymentName(deployment) === deploymentName(deploymentOf(deployment.topology, cpus));
}
