import { requestFor } from '../../model/contract/contract.ts';
import type { LiveOrders } from '../../model/wire.ts';
import { OBJECTIVE } from '../protocol.ts';
import { TIME_LIMIT } from '../work.ts';
import type { Director, LiveStack } from './parts.ts';

/** What the generator is told to send in that state. While it is paused, bursts are sent. */
export function generatorOrders(
  { settings: { deployments: ids, workload, load }, rest, requestsPerDot }: Director['state'],
  { deployments }: Pick<LiveStack, 'deployments'>,
): Omit<LiveOrders, 'number' | 'bursts'> {
  const sending = rest === undefined;
  return {
    stop: !sending && rest !== 'paused',
    arrivalRate: sending && load.model === 'open' ? load.arrivalRate : 0,
    users: sending && load.model === 'closed' ? load.users : 0,
    thinkTime: load.model === 'closed' ? load.thinkTime : 0,
    targets: deployments.filter(({ id }) => ids.includes(id)).map(({ id, target }) => ({ name: id, url: target })),
    requests: [{ weight: 1, ...requestFor(workload.route, workload.parameters) }],
    timeLimit: TIME_LIMIT,
    objective: OBJECTIVE,
    requestsPerDot,
  };
}
