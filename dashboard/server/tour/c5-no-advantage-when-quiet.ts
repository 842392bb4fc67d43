import { shownTime, withInterval } from '../../../model/quantities.ts';
import { type Interval, medianInterval, quotient } from '../../../model/statistics.ts';
import { settingLimits, UNDECIDED } from '../../protocol.ts';
import { figure, type StepOutcome } from './figure.ts';
import { LOG_ROUNDING, type TopologyReading } from './reading.ts';
import type { StackSizes, Step } from './step.ts';
import { waitOf } from './workloads.ts';

const WAIT_MS = 20;
/** A tenth of what the pool can do at most: its workers ÷ the wait. The loops can do more. */
const PART_OF_CAPACITY = 0.1;
const MOST_ARRIVALS = 100;
const SAME = { from: 0.9, to: 1.1 } as const;

/** Few requests that wait, at a pool and at event loops at the same time: neither is in the other's way. */
export const c5: Step = {
  step: 'C5',
  needs: ['sync', 'hybrid'],
  duration: 8,
  facts: factsOf,
  situation: sizes => ({ workload: waitOf(WAIT_MS), load: loadOf(sizes) }),
  async measure(loads, sizes) {
    const phase = { workload: waitOf(WAIT_MS), load: loadOf(sizes), steadyState: 4.5, warmUp: 1 };
    const [pool, loops] = await loads.loadTogether(['sync', 'hybrid'], phase);
    if (pool === undefined || loops === undefined) throw new RangeError('two topologies have two readings');
    return outcomeOf(pool, loops);
  },
};

export function outcomeOf(pool: TopologyReading, loops: TopologyReading): StepOutcome {
  const [poolMedian, loopsMedian] = [medianOf(pool), medianOf(loops)];
  const ratio = quotient(loopsMedian, poolMedian);
  const answer = answerOf(ratio);
  const end =
    answer === 2
      ? ', which is about the same.'
      : answer === UNDECIDED
        ? ': not decided here, the machine is too noisy.'
        : ', which is not the same.';
  return {
    figures: [
      figure('median response time', 's', poolMedian, 'sync'),
      figure('median response time', 's', loopsMedian, 'hybrid'),
      figure('hybrid ÷ sync', '', ratio),
    ],
    sentence:
      `Half of the pool's responses took ${shownTime(poolMedian.estimate)} at most, half of the loops' ` +
      `${shownTime(loopsMedian.estimate)}: ${withInterval(ratio)} times as long${end}`,
    answer,
  };
}

/** 0: the pool is quicker, 1: the loops are quicker, 2: both about the same. */
function answerOf({ low, high }: Interval): number {
  if (low > SAME.to) return 0;
  if (high < SAME.from) return 1;
  return low >= SAME.from && high <= SAME.to ? 2 : UNDECIDED;
}

function medianOf({ responseTimes }: TopologyReading): Interval {
  return medianInterval(responseTimes, LOG_ROUNDING);
}

function factsOf({ workers }: StackSizes) {
  const wait = WAIT_MS / 1000;
  const arrivalRate = Math.round((PART_OF_CAPACITY * workers('sync')) / wait);
  return {
    workers: workers('sync'),
    loops: workers('hybrid'),
    wait,
    arrivalRate: Math.min(MOST_ARRIVALS, settingLimits.arrivalRate, Math.max(5, arrivalRate)),
  };
}

function loadOf(sizes: StackSizes) {
  return { model: 'open', arrivalRate: factsOf(sizes).arrivalRate } as const;
}
