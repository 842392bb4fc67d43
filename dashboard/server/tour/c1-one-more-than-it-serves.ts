import { counted, shownNumber, shownTime } from '../../../model/quantities.ts';
import { figure, type StepOutcome } from './figure.ts';
import type { TopologyReading } from './reading.ts';
import type { Step } from './step.ts';
import { waitOf } from './workloads.ts';

const WAIT_MS = 200;

/** One request more than a pool of blocking workers has workers, all at the same instant. */
export const c1: Step = {
  step: 'C1',
  needs: ['sync'],
  duration: 4,
  facts: ({ workers }) => ({ workers: workers('sync'), requests: workers('sync') + 1, wait: WAIT_MS / 1000 }),
  situation: () => ({ workload: waitOf(WAIT_MS), load: { model: 'open', arrivalRate: 0 } }),
  async measure(loads, { workers }) {
    await loads.warmUp(['sync'], waitOf(1));
    const requests = workers('sync') + 1;
    return outcomeOf(await loads.burst({ topology: 'sync', workload: waitOf(WAIT_MS), requests }), workers('sync'));
  },
};

/** Times are compared in service times: for how long the database really kept a worker waiting. */
export function outcomeOf({ responseTimes, databaseWait }: TopologyReading, workers: number): StepOutcome {
  const slowestAtOnce = responseTimes[workers - 1] ?? Number.NaN;
  const last = responseTimes.at(-1) ?? Number.NaN;
  const services = last / databaseWait;
  // About one is what is nearer to one than to two.
  const atOnce = responseTimes.filter(time => time < 1.5 * databaseWait).length;
  const answer = answerOf(services);
  const isShown = atOnce === workers && answer === 2;
  const sentence =
    `Of ${responseTimes.length} requests at once, ${atOnce} were answered within about one service time ` +
    `(${shownTime(databaseWait)}), and the last one after ${shownTime(last)}, which is ${shownNumber(services)} service times` +
    (isShown ? '.' : `: with ${counted(workers, 'worker')} the claim is not shown here.`);
  return {
    figures: [
      figure('one service', 's', databaseWait, 'sync'),
      figure('all but the last answered after', 's', slowestAtOnce, 'sync'),
      figure('the last answered after', 's', last, 'sync'),
    ],
    sentence,
    answer,
  };
}

/** 0: after one service, 1: after a half more, 2: after two, 3: later. */
function answerOf(services: number): number {
  if (services < 1.25) return 0;
  if (services < 1.75) return 1;
  return services <= 2.5 ? 2 : 3;
}
