import { shownNumber, shownRate, withInterval } from '../../../model/quantities.ts';
import { type Interval, meanInterval, ratioInterval } from '../../../model/statistics.ts';
import { settingLimits, UNDECIDED } from '../../protocol.ts';
import { workOf } from '../../work.ts';
import { figure, type StepOutcome } from './figure.ts';
import type { Step } from './step.ts';
import { cpuOf } from './workloads.ts';

/** Long enough that nothing else in a request counts, and the same on every machine: so it is told before it is sent. */
const WORKLOAD = cpuOf(100);
/** For each CPU: enough that no worker ever has nothing to do. */
const USERS_PER_CPU = 8;
/** "About the same", as the claims' page has it. */
const SAME = { from: 0.9, to: 1.1 } as const;

/** Requests that compute, at a pool and at as many event loops, in turn. */
export const c3: Step = {
  step: 'C3',
  needs: ['sync', 'hybrid'],
  duration: 12,
  comparesCpus: true,
  facts: ({ cpus, workers }) => ({
    computing: workOf(WORKLOAD),
    cpus,
    workers: workers('sync'),
    loops: workers('hybrid'),
  }),
  situation: ({ cpus }) => ({ workload: WORKLOAD, load: loadOf(cpus) }),
  async measure(loads, { cpus }) {
    const throughputs = { sync: [] as number[], hybrid: [] as number[] };
    // There and back: a machine that becomes slower meanwhile is as slow for both.
    for (const [topology, steadyState] of [
      ['sync', 1.5],
      ['hybrid', 2.5],
      ['sync', 1.5],
    ] as const) {
      const reading = await loads.load(topology, { workload: WORKLOAD, load: loadOf(cpus), steadyState });
      throughputs[topology].push(...reading.throughputs);
    }
    return outcomeOf(throughputs);
  },
};

export function outcomeOf({ sync, hybrid }: Readonly<Record<'sync' | 'hybrid', readonly number[]>>): StepOutcome {
  const pool = meanInterval(sync);
  const loops = meanInterval(hybrid);
  const ratio = ratioInterval(hybrid, sync);
  const answer = answerOf(ratio);
  const sentence = `The pool answered ${shownRate(pool.estimate)} and the loops ${shownRate(loops.estimate)}: ${saidOf(ratio, answer)}`;
  return {
    figures: [
      figure('throughput', '1/s', pool, 'sync'),
      figure('throughput', '1/s', loops, 'hybrid'),
      figure('hybrid ÷ sync', '', ratio),
    ],
    sentence,
    answer,
  };
}

/** 0: the pool more, 1: the loops more, 2: both about the same. */
function answerOf({ low, high }: Interval): number {
  if (high < SAME.from) return 0;
  if (low > SAME.to) return 1;
  return low >= SAME.from && high <= SAME.to ? 2 : UNDECIDED;
}

function saidOf(ratio: Interval, answer: number): string {
  const shown = withInterval(ratio);
  if (answer === 2) return `${shown} times as much, which is about the same.`;
  if (answer === UNDECIDED) {
    return `${shown} times as much. That they are the same is not shown here: the machine is too noisy to tell within ${shownNumber(SAME.from)} to ${SAME.to}.`;
  }
  return `${shown} times as much, which is not the same.`;
}

function loadOf(cpus: number) {
  return { model: 'closed', users: Math.min(settingLimits.users, USERS_PER_CPU * cpus), thinkTime: 0 } as const;
}
