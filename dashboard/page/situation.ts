import type { RequestParameters, RouteName } from '../../model/contract/contract.ts';
import { SECONDS_PER_UNIT } from '../../model/contract/work.ts';
import { counted, shownCount, shownNumber } from '../../model/quantities.ts';
import type { DeploymentId, LiveLoad, Settings } from '../protocol.ts';
import { listed } from './local-text.ts';

/** What happens on the stage, in a sentence: who gets how much of what. */
export function situationOf({ deployments, workload, load }: Settings, labelAt: (id: DeploymentId) => string): string {
  const each = deployments.length > 1 ? ' each' : '';
  const gets = deployments.length > 1 ? 'get' : 'gets';
  return `${listed(deployments.map(labelAt))}${each} ${gets} ${asked(load)}; ${tasks[workload.route](workload.parameters)}.`;
}

function asked(load: LiveLoad): string {
  // Only a step of the tour has no load; it sends bursts.
  if (load.model === 'open' && load.arrivalRate === 0) return 'a burst when you press “Show me”';
  if (load.model === 'open') return `${counted(load.arrivalRate, 'request')} a second`;
  const thinking = load.thinkTime === 0 ? 'without a pause' : `with ${shownNumber(load.thinkTime)} s to think`;
  return `the requests of ${counted(load.users, 'user')} ${thinking}`;
}

const tasks: Readonly<Record<RouteName, (parameters: RequestParameters) => string>> = {
  plain: () => 'a request asks for nothing but an answer',
  wait: ({ ms = 0 }) => `a request waits ${shownCount(ms)} ms in the database`,
  cpu: ({ units = 0 }) =>
    `a request computes ${counted(units, 'unit')}, about ${shownNumber(units * SECONDS_PER_UNIT * 1000)} ms`,
  item: () => 'a request reads one row',
  items: ({ limit = 20 }) => `a request reads ${counted(limit, 'row')}`,
  orders: () => 'a request writes an order',
  work: ({ units = 0, ms = 0, reads = 0 }) =>
    `a request computes ${counted(units, 'unit')}, reads ${counted(reads, 'row')} and waits ${shownCount(ms)} ms`,
};
