import { deploymentName } from '../../services/deployment.ts';
import type { Cell } from './experiment.ts';

/** The cell in a few characters, unique in an experiment: `wait on hybrid-2x1-40`. */
export function cellName({ workload, deployment }: Cell): string {
  return `${workload.name} on ${deploymentName(deployment)}`;
}

/** How many workers serve the cell. */
export function workerCount({ deployment }: Cell): number {
  return deployment.processes * deployment.threadsPerProcess;
}
