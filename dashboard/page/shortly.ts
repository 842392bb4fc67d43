import type { Deployment } from '../../model/deployment.ts';
import { counted } from '../../model/quantities.ts';
import { isConcurrencyLimited, type Topology } from '../../model/topology.ts';
import type { StagedDeployment } from '../protocol.ts';

/** What a deployment is made of, in a few words: `2 × 8 blocking threads`. `among`: what it is shown with. */
export function shortly({ spec, processes, threadsPerProcess }: Deployment, among: readonly Topology[]): string {
  if (!isConcurrencyLimited(spec)) {
    const app = otherApp(spec, among);
    return `${counted(processes, 'event loop')}${app === undefined ? '' : `, ${app}`}`;
  }
  if (threadsPerProcess === 1) return processes === 1 ? '1 blocking process' : `${processes} blocking processes`;
  return processes === 1
    ? counted(threadsPerProcess, 'blocking thread')
    : `${processes} × ${counted(threadsPerProcess, 'blocking thread')}`;
}

/** Its app, where the first topology here with the same concurrency has another one. */
function otherApp({ app, concurrencyLimit }: Topology, among: readonly Topology[]): string | undefined {
  const first = among.find(other => other.concurrencyLimit === concurrencyLimit);
  if (first === undefined || first.app === app) return undefined;
  return `${app.charAt(0).toUpperCase()}${app.slice(1)}`;
}

/** A worker's name; with its deployment's sizes where another deployment has workers of that name. */
export function workerLabel(worker: string, { label, deployment: { topology } }: StagedDeployment): string {
  return label === topology ? worker : `${worker} (${label.slice(topology.length + 1)})`;
}
