import { counted, shownRate, wholePercent } from '../../../model/quantities.ts';
import { type Interval, meanInterval } from '../../../model/statistics.ts';
import { settingLimits, stepNumber, UNDECIDED } from '../../protocol.ts';
import { figure, type StepOutcome } from './figure.ts';
import type { TopologyReading } from './reading.ts';
import type { StackSizes, Step } from './step.ts';
import { waitOf } from './workloads.ts';

const WAIT_MS = 20;
/** CPUs are as busy as before when the difference is less than this, of all of them. */
const BUSIER = 0.1;
/** Idle are CPUs that are busy for less than this of the time. */
const IDLE = 0.5;

/** Requests that wait, from many users at once, at a pool of one worker for each CPU and at as many event loops, in turn. */
export const c4: Step = {
  step: 'C4',
  needs: ['sync', 'hybrid'],
  duration: 8.5,
  facts: factsOf,
  situation: sizes => ({ workload: waitOf(WAIT_MS), load: loadOf(sizes) }),
  async measure(loads, sizes) {
    const phase = { workload: waitOf(WAIT_MS), load: loadOf(sizes), steadyState: 2 };
    const pool = await loads.load('sync', phase);
    const loops = await loads.load('hybrid', phase);
    return outcomeOf(pool, loops, factsOf(sizes));
  },
};

/** What is compared in this reading is a choice of configuration; so no ratio is given. */
export function outcomeOf(
  pool: TopologyReading,
  loops: TopologyReading,
  { workers, connections }: { readonly workers: number; readonly connections: number },
): StepOutcome {
  const poolX = meanInterval(pool.throughputs);
  const loopsX = meanInterval(loops.throughputs);
  const answer = answerOf(poolX, loopsX, [pool.machine, loops.machine]);
  const claim = answer === 1 ? '' : ' That the loops serve more, because the CPUs stay busy, is not shown here.';
  const sentence =
    `With ${counted(workers, 'blocking worker')} the pool served ${shownRate(poolX.estimate)} while the CPUs were ` +
    `${wholePercent(pool.machine)} busy; the loops with ${counted(connections, 'connection')} ${shownRate(loopsX.estimate)} while they were ` +
    `${wholePercent(loops.machine)} busy.${claim} In this reading both have as many workers; step ${stepNumber('C7')} gives both as many requests at once.`;
  return {
    figures: [
      figure('throughput', '1/s', poolX, 'sync'),
      figure('throughput', '1/s', loopsX, 'hybrid'),
      figure('CPUs busy', 'fraction', pool.machine, 'sync'),
      figure('CPUs busy', 'fraction', loops.machine, 'hybrid'),
    ],
    sentence,
    answer,
  };
}

/** 0: as much, 1: the loops more with busier CPUs, 2: the loops more with CPUs as idle as before, 3: the pool more. */
function answerOf(pool: Interval, loops: Interval, [poolCpu, loopsCpu]: readonly [number, number]): number {
  if (loops.high < pool.low) return 3;
  if (loops.low <= pool.high) return Math.abs(loops.estimate / pool.estimate - 1) < 0.1 ? 0 : UNDECIDED;
  if (loopsCpu - poolCpu > BUSIER) return 1;
  // Where other programs fill the CPUs, nothing can be said about what fills them.
  return loopsCpu < IDLE ? 2 : UNDECIDED;
}

function factsOf({ cpus, workers, deployment }: StackSizes) {
  const connections = deployment('hybrid')?.databaseConnections ?? 0;
  // Enough that neither ever waits for a user.
  const users = Math.min(settingLimits.users, Math.max(100, 2 * connections, 2 * workers('sync')));
  return { cpus, workers: workers('sync'), loops: workers('hybrid'), connections, users, wait: WAIT_MS / 1000 };
}

function loadOf(sizes: StackSizes) {
  return { model: 'closed', users: factsOf(sizes).users, thinkTime: 0 } as const;
}
