import type { Deployment } from '../../model/deployment.ts';
import { counted } from '../../model/quantities.ts';
import { topologyOf } from '../../model/topology.ts';

/** What a deployment is made of, in a few words: `2 × 8 blocking threads`. */
export function shortly({ topology, processes, threadsPerProcess }: Deployment): string {
  const { app, blocking } = topologyOf(topology);
  const framework = app === 'express' ? ', Express' : '';
  if (!blocking) return `${counted(processes, 'event loop')}${framework}`;
  if (threadsPerProcess === 1) return processes === 1 ? '1 blocking process' : `${processes} blocking processes`;
  return processes === 1
    ? counted(threadsPerProcess, 'blocking thread')
    : `${processes} × ${counted(threadsPerProcess, 'blocking thread')}`;
}
