import { shownNumber, shownTime } from '../../../model/quantities.ts';
import { NO_ANSWER, settingLimits } from '../../protocol.ts';
import { figure, type StepOutcome } from './figure.ts';
import type { TopologyReading } from './reading.ts';
import type { StackSizes, Step } from './step.ts';
import { waitOf } from './workloads.ts';

/** At least as many waves as this, on machines whose pool is large. */
const WAVES = 5;
/** Connections beyond the requests: the loops share them out, and none may run short. */
const SPARE_CONNECTIONS = 4;
/** Seconds in which a hundred connections are made, also where some have to be tried again. */
const CONNECTING = 1.5;
/** Service times: less than the fewest waves by far, and room for the CPU time of all the requests. */
const AT_ONCE = 3;
/** Of the pool's waves. */
const IN_WAVES = 0.75;
/** A loop's share may be over or under by so much: nginx has a balancer's own view of who is busy. */
const SHARE_TOLERANCE = 0.2;

/** A burst at a pool, which works through it in waves, and at event loops with a database connection for each request. */
export const c2: Step = {
  step: 'C2',
  needs: ['sync', 'hybrid'],
  duration: 10.5,
  facts: factsOf,
  situation: sizes => ({ workload: waitOf(factsOf(sizes).wait * 1000), load: { model: 'open', arrivalRate: 0 } }),
  async measure(loads, sizes) {
    const { requests, wait, workers, connections } = factsOf(sizes);
    const workload = waitOf(wait * 1000);
    await loads.limitConnections('hybrid', connections);
    await loads.warmUp(['sync'], waitOf(1));
    const pool = await loads.burst({ topology: 'sync', workload, requests });
    // Connections have to be made first. So many at once take long, and who waits too long for one asks again.
    await loads.warmUp(['hybrid'], workload, { users: requests, seconds: CONNECTING });
    const loops = await loads.burst({ topology: 'hybrid', workload, requests });
    return outcomeOf(pool, loops, { requests, workers });
  },
};

function factsOf({ workers }: StackSizes) {
  const pool = workers('sync');
  const loops = workers('hybrid');
  const most = settingLimits.databaseConnections - SPARE_CONNECTIONS;
  const requests = Math.min(most, Math.max(100, WAVES * pool));
  return {
    workers: pool,
    loops,
    requests,
    connections: requests + SPARE_CONNECTIONS,
    waves: Math.ceil(requests / pool),
    each: requests / loops,
    // As long as the pool's turn stays short: some seconds.
    wait: Math.min(300, Math.max(100, Math.round((4000 * pool) / requests / 50) * 50)) / 1000,
  };
}

/** Times are compared in service times: for how long a request really waited for the database. */
export function outcomeOf(
  pool: TopologyReading,
  loops: TopologyReading,
  { requests, workers }: { readonly requests: number; readonly workers: number },
): StepOutcome {
  const poolLast = pool.responseTimes.at(-1) ?? Number.NaN;
  const loopsLast = loops.responseTimes.at(-1) ?? Number.NaN;
  const waves = poolLast / pool.databaseWait;
  const loopWaves = loopsLast / loops.databaseWait;
  const fewest = Math.min(...loops.mostInProgress);
  const most = Math.max(...loops.mostInProgress);
  const share = requests / loops.mostInProgress.length;
  const figures = [
    figure('all answered after', 's', poolLast, 'sync'),
    figure('all answered after', 's', loopsLast, 'hybrid'),
    figure('in service times', '', waves, 'sync'),
    figure('in service times', '', loopWaves, 'hybrid'),
    figure('held by the worker with most', 'requests', Math.max(...pool.mostInProgress), 'sync'),
    figure('held by the worker with most', 'requests', most, 'hybrid'),
    figure('held by the worker with fewest', 'requests', fewest, 'hybrid'),
  ];
  const inWaves = Math.abs(waves - requests / workers) <= 0.15 * (requests / workers);
  const allAtOnce =
    loopWaves < AT_ONCE && fewest >= (1 - SHARE_TOLERANCE) * share && most <= (1 + SHARE_TOLERANCE) * share;
  const sentence =
    `The pool of ${workers} had answered all ${requests} after ${shownTime(poolLast)}, which is ${shownNumber(waves)} service ` +
    `times; the loops after ${shownTime(loopsLast)}, which is ${shownNumber(loopWaves)}, and held ${fewest === most ? most : `from ${fewest} to ${most}`} each` +
    (inWaves && allAtOnce
      ? '.'
      : `: ${inWaves ? 'that the loops take all at once' : 'that the pool works in waves'} is not shown here.`);
  return { figures, sentence, answer: answerOf(poolLast > loopsLast / 1.1, { inWaves, waves, loopWaves }) };
}

/** 0: both in waves, 1: the pool in waves and the loops at once, 2: both at once, 3: the loops later than the pool. */
function answerOf(
  isPoolLater: boolean,
  { inWaves, waves, loopWaves }: { readonly inWaves: boolean; readonly waves: number; readonly loopWaves: number },
): number {
  if (!isPoolLater) return 3;
  if (loopWaves < AT_ONCE) {
    if (inWaves) return 1;
    return waves < AT_ONCE ? 2 : NO_ANSWER;
  }
  return inWaves && loopWaves > IN_WAVES * waves ? 0 : NO_ANSWER;
}
