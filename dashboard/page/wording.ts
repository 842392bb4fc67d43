import type { RequestParameters, RouteName } from '../../model/contract/contract.ts';
import { SECONDS_PER_UNIT } from '../../model/contract/work.ts';
import { counted, shownCount, shownNumber } from '../../model/quantities.ts';
import type { DeploymentId, LiveLoad, LiveWorkload, Settings, StagedDeployment } from '../protocol.ts';

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const list = new Intl.ListFormat('en-GB', { type: 'conjunction' });

/** A moment (seconds since 1970) on the reader's clock: `14:03:07`. */
export function shownMoment(time: number): string {
  return clock.format(time * 1000);
}

/** `sync, async and hybrid` */
export function listed(names: readonly string[]): string {
  return list.format(names);
}

/** A worker's name; with its deployment's sizes where another deployment has workers of that name. */
export function workerLabel(worker: string, { label, deployment: { topology } }: StagedDeployment): string {
  return label === topology ? worker : `${worker} (${label.slice(topology.length + 1)})`;
}

/** What happens on the stage: `sync gets 60 requests a second; each waits 20 ms in the database.` */
export function describeSituation(
  { deployments, workload, load }: Settings,
  labelAt: (id: DeploymentId) => string,
): string {
  const gets = deployments.length > 1 ? ' each get' : ' gets';
  return `${listed(deployments.map(labelAt))}${gets} ${describeLoad(load)}; each request ${describeTask(workload)}.`;
}

function describeLoad(load: LiveLoad): string {
  // Only a step of the tour has no load; it sends bursts.
  if (load.model === 'open' && load.arrivalRate === 0) return 'a burst when you press “Show me”';
  if (load.model === 'open') return `${counted(load.arrivalRate, 'request')} a second`;
  const pause = load.thinkTime === 0 ? 'no think time' : `${shownNumber(load.thinkTime)} s of think time`;
  return `the requests of ${counted(load.users, 'user')} with ${pause}`;
}

/** What a request does: `waits 20 ms in the database`. */
export function describeTask({ route, parameters }: LiveWorkload): string {
  return tasks[route](parameters);
}

const tasks: Readonly<Record<RouteName, (parameters: RequestParameters) => string>> = {
  plain: () => 'needs only an answer',
  wait: ({ ms = 0 }) => `waits ${shownCount(ms)} ms in the database`,
  cpu: ({ units = 0 }) =>
    `computes ${counted(units, 'unit')}, about ${shownNumber(units * SECONDS_PER_UNIT * 1000)} ms`,
  item: () => 'reads one row',
  items: ({ limit = 20 }) => `reads ${counted(limit, 'row')}`,
  orders: () => 'writes an order',
  work: ({ units = 0, ms = 0, reads = 0 }) =>
    `computes ${counted(units, 'unit')}, reads ${counted(reads, 'row')} and waits ${shownCount(ms)} ms`,
};
