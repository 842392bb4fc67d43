import type { Deployment } from '../../model/deployment.ts';
import { counted } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';

/** What a deployment is made of, in a few words: `2 × 8 blocking threads`. */
export function shortly({ spec, processes, threadsPerProcess }: Deployment): string {
  if (!isConcurrencyLimited(spec))
    return `${counted(processes, 'event loop')}${spec.app === 'express' ? ', Express' : ''}`;
  if (threadsPerProcess === 1) return processes === 1 ? '1 blocking process' : `${processes} blocking processes`;
  return processes === 1
    ? counted(threadsPerProcess, 'blocking thread')
    : `${processes} × ${counted(threadsPerProcess, 'blocking thread')}`;
}
