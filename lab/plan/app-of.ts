import type { Cell } from '../../model/experiment.ts';

/** The app that a worker of the cell runs. */
export function appOf({ cell }: { readonly cell: Cell }): string {
  return cell.deployment.spec.app;
}
