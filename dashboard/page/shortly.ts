import type { Deployment } from '../../model/deployment.ts';
import { counted } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import type { StagedDeployment } from '../protocol.ts';

/** What a deployment is made of, in a few words: `2 × 8 blocking threads`. */
export function shortly({ spec, processes, threadsPerProcess }: Deployment): string {
  if (!isConcurrencyLimited(spec))
    return `${counted(processes, 'event loop')}${spec.app === 'express' ? ', Express' : ''}`;
  if (threadsPerProcess === 1) return processes === 1 ? '1 blocking process' : `${processes} blocking processes`;
  return processes === 1
    ? counted(threadsPerProcess, 'blocking thread')
    : `${processes} × ${counted(threadsPerProcess, 'blocking thread')}`;
}

/** A worker's name; with its deployment's sizes where another deployment has workers of that name. */
export function workerLabel(worker: string, { label, deployment: { topology } }: StagedDeployment): string {
  return label === topology ? worker : `${worker} (${label.slice(topology.length + 1)})`;
}
