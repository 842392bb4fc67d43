import { type AppName, topologyOf } from '../../services/topologies.ts';
import type { Cell } from '../experiment/experiment.ts';

/** The app that a worker of the cell runs. */
export function appOf({ cell }: { readonly cell: Cell }): AppName {
  return topologyOf(cell.deployment.topology).app;
}
