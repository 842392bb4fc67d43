import { shownNumber, shownRate, withInterval } from '../../../model/quantities.ts';
import { type Interval, meanInterval, ratioInterval } from '../../../model/statistics.ts';
import { settingLimits, UNDECIDED } from '../../protocol.ts';
import { workOf } from '../../work.ts';
import { figure, type StepOutcome } from './figure.ts';
import type { StackSizes, Step } from './step.ts';
import { cpuOf } from './workloads.ts';

const WORKLOAD = cpuOf(100);
const USERS_PER_CPU = 8;
/** The ratio is what the CPUs allow. */
const MATCH = { from: 0.85, to: 1.15 } as const;
/** One loop and several are the same within this. */
const SAME = 1.1;

/** Requests that compute, at one event loop and at a loop for each CPU, in turn. */
export const c12: Step = {
  step: 'C12',
  needs: ['async', 'hybrid'],
  duration: 12,
  comparesCpus: true,
  facts: factsOf,
  situation: sizes => ({ workload: WORKLOAD, load: loadOf(sizes) }),
  async measure(loads, sizes) {
    const throughputs = { async: [] as number[], hybrid: [] as number[] };
    let others = 0;
    let hostCpus = sizes.cpus;
    for (const [topology, steadyState, usesAllCpus] of [
      ['async', 1.5, false],
      ['hybrid', 2.5, true],
      ['async', 1.5, false],
    ] as const) {
      const reading = await loads.load(topology, { workload: WORKLOAD, load: loadOf(sizes), steadyState });
      throughputs[topology].push(...reading.throughputs);
      if (usesAllCpus) others = reading.hostCpus * reading.machine - reading.cpus;
      hostCpus = reading.hostCpus;
    }
    return outcomeOf(throughputs, { cpus: sizes.cpus, hostCpus, others });
  },
};

/** `others`: CPUs that everything but the loops used while all of them computed: k6, nginx, this page. */
export function outcomeOf(
  { async, hybrid }: Readonly<Record<'async' | 'hybrid', readonly number[]>>,
  { cpus, hostCpus, others }: { readonly cpus: number; readonly hostCpus: number; readonly others: number },
): StepOutcome {
  const [one, all] = [meanInterval(async), meanInterval(hybrid)];
  const ratio = ratioInterval(hybrid, async);
  // Loops that may use some CPUs of a machine with more are hardly disturbed by the others.
  const left = Math.min(cpus, hostCpus - others);
  // With most of the CPUs in other hands there is nothing to be seen.
  const answer = left < cpus / 2 ? UNDECIDED : answerOf(ratio, left);
  return {
    figures: [
      figure('throughput', '1/s', one, 'async'),
      figure('throughput', '1/s', all, 'hybrid'),
      figure('hybrid ÷ async', '', ratio),
      figure('CPUs that k6, nginx and the rest leave', '', left),
    ],
    sentence:
      `One loop answered ${shownRate(one.estimate)}, a loop for each of ${cpus} CPUs ${shownRate(all.estimate)}: ` +
      `${withInterval(ratio)} times as much, where k6, nginx and the rest left ${shownNumber(left)} CPUs` +
      (answer === 1 ? '.' : ': that this is what the CPUs allow is not shown here.'),
    answer,
  };
}

/** 0: as much as one loop, 1: about as much more as there are CPUs left, 2: more than one but far less than that, 3: more. */
function answerOf({ estimate, low, high }: Interval, left: number): number {
  if (high < SAME) return 0;
  if (estimate >= MATCH.from * left && estimate <= MATCH.to * left) return 1;
  if (high < MATCH.from * left) return 2;
  return low > MATCH.to * left ? 3 : UNDECIDED;
}

function factsOf({ cpus, workers }: StackSizes) {
  return { computing: workOf(WORKLOAD), cpus, loops: workers('hybrid') };
}

function loadOf({ cpus }: StackSizes) {
  return { model: 'closed', users: Math.min(settingLimits.users, USERS_PER_CPU * cpus), thinkTime: 0 } as const;
}
