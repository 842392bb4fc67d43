import type { Cell } from '../../model/experiment.ts';
import { type AppName, topologyOf } from '../../model/topology.ts';

/** The app that a worker of the cell runs. */
export function appOf({ cell }: { readonly cell: Cell }): AppName {
  return topologyOf(cell.deployment.topology).app;
}
