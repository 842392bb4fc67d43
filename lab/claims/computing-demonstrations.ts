import { workOfRequest } from '../../model/contract/work.ts';
import { counted, shownNumber, shownRate, shownTime, wholePercent, withInterval } from '../../model/quantities.ts';
import { meanInterval, quantileOf, ratioInterval } from '../../model/statistics.ts';
import type { TopologyName } from '../../model/topology.ts';
import {
  answerSameness,
  closedLoad,
  type DemonstrationPart,
  type DemonstrationPlan,
  findReading,
  type StackSizes,
  type TopologyReading,
  type TourAnswer,
} from './demonstration.ts';
import { ABOUT_THE_SAME, AS_EXPECTED } from './lines.ts';

/** Long enough that nothing else in a request matters; the same number of units on every machine. */
const workload = { route: 'cpu', parameters: { units: 100 } } as const;

/** One topology, the other, and the first again: a machine that becomes slower meanwhile is as slow for both. */
function thereAndBack(first: TopologyName, second: TopologyName): DemonstrationPart[] {
  return [
    { kind: 'load', topologies: [first], steadyState: 1.5 },
    { kind: 'load', topologies: [second], steadyState: 2.5 },
    { kind: 'load', topologies: [first], steadyState: 1.5 },
  ];
}

function joinThroughputs(readings: readonly TopologyReading[], topology: TopologyName): number[] {
  return readings.filter(reading => reading.topology === topology).flatMap(({ throughputs }) => throughputs);
}

/** Requests that compute, at a pool and at as many event loops. */
export function computingInTurn(stack: StackSizes): DemonstrationPlan {
  return {
    facts: {
      computing: shownTime(workOfRequest(workload).computing),
      processes: counted(stack.workers('sync'), 'blocking process', 'blocking processes'),
      ...{ loops: counted(stack.workers('hybrid'), 'event loop'), cpus: counted(stack.cpus, 'CPU') },
    },
    workload,
    // Enough users that no worker is ever idle.
    load: closedLoad(8 * stack.cpus, stack),
    parts: thereAndBack('sync', 'hybrid'),
    judge(readings) {
      const [sync, hybrid] = [joinThroughputs(readings, 'sync'), joinThroughputs(readings, 'hybrid')];
      const [pool, loops, ratio] = [meanInterval(sync), meanInterval(hybrid), ratioInterval(hybrid, sync)];
      const [answer, end] = answerSameness(ratio, 0, 1);
      return {
        figures: { throughput: { sync: pool, hybrid: loops }, 'hybrid ÷ sync': { all: ratio } },
        sentence: `The pool answered ${shownRate(pool.estimate)} and the loops ${shownRate(loops.estimate)}: ${withInterval(ratio)} times as much${end}.`,
        answer,
      };
    },
  };
}

/** Light requests beside one that computes, at one topology after the other. */
export function heldUpLoop({ objective }: StackSizes): DemonstrationPlan {
  const arrivalRate = 50;
  const topologies = ['sync', 'async', 'hybrid'];
  return {
    facts: { arrivals: arrivalRate },
    workload: { route: 'plain', parameters: {} },
    load: { model: 'open', arrivalRate },
    parts: [
      { kind: 'load', topologies, steadyState: 2 },
      ...topologies.map(topology => ({ kind: 'hold-cpu', topology, seconds: 0.7 }) as const),
    ],
    judge(readings) {
      const light = topologies.map((topology, index) => {
        const { responseTimes = [] } = readings[topologies.length + index] ?? {};
        // The longest is the request that computes: those that wait for it came later.
        const times = responseTimes.slice(0, -1);
        const [p99, alone] = [times, readings[index]?.responseTimes ?? []].map(one => quantileOf(one, 0.99));
        const late = times.filter(time => time > objective).length / times.length;
        return { topology, late, alone, p99, longest: times.at(-1), heavy: responseTimes.at(-1) ?? 0 };
      });
      const heldUp = light.filter(({ late }) => late > 0.1).map(({ topology }) => topology);
      let answer = heldUp.includes('async') && !heldUp.includes('sync') ? 1 : 3;
      if (heldUp.length === 0) answer = 0;
      if (heldUp.length === topologies.length) answer = 2;
      const compare = (key: 'late' | 'alone' | 'p99' | 'longest') =>
        Object.fromEntries(light.map(one => [one.topology, one[key] ?? Number.NaN]));
      const each = light.map(({ topology, late, p99 = Number.NaN, alone = Number.NaN }) => {
        return `on ${topology} ${wholePercent(late)} (p99 ${shownTime(p99)}, alone ${shownTime(alone)})`;
      });
      const end = heldUp.includes('async') ? '' : ' That one holds up the others of its loop is not shown here.';
      return {
        figures: {
          'light requests held up': compare('late'),
          'p99 alone': compare('alone'),
          'p99 beside the one that computes': compare('p99'),
          'longest beside it': compare('longest'),
        },
        sentence: `Beside a request that took ${shownTime(Math.max(...light.map(({ heavy }) => heavy)))}, so many light ones took longer than ${shownTime(objective)}: ${each.join(', ')}.${end}`,
        answer,
      };
    },
  };
}

/** Requests that compute, at one event loop and at a loop for each CPU. */
export function oneLoopOrAll(stack: StackSizes): DemonstrationPlan {
  const { cpus } = stack;
  return {
    facts: {
      computing: shownTime(workOfRequest(workload).computing),
      ...{ loops: counted(stack.workers('hybrid'), 'loop'), cpus: counted(cpus, 'CPU') },
    },
    workload,
    load: closedLoad(8 * cpus, stack),
    parts: thereAndBack('async', 'hybrid'),
    judge(readings) {
      const [async, hybrid] = [joinThroughputs(readings, 'async'), joinThroughputs(readings, 'hybrid')];
      const [one, all, ratio] = [meanInterval(async), meanInterval(hybrid), ratioInterval(hybrid, async)];
      const { hostCpus, machine, cpus: used } = findReading(readings, 'hybrid');
      // Loops that may use some CPUs of a larger host are hardly disturbed by the other programs.
      const left = Math.min(cpus, hostCpus - (hostCpus * machine - used));
      const [least, most] = [AS_EXPECTED.from * left, AS_EXPECTED.to * left];
      let answer: TourAnswer = 'undecided';
      // With less than half of the CPUs left there is nothing to see.
      if (left < cpus / 2) answer = 'undecided';
      else if (ratio.high < ABOUT_THE_SAME.to) answer = 0;
      else if (ratio.estimate >= least && ratio.estimate <= most) answer = 1;
      else if (ratio.high < least) answer = 2;
      else if (ratio.low > most) answer = 3;
      const end = answer === 1 ? '' : ': that this is what the CPUs allow is not shown here';
      return {
        figures: {
          throughput: { async: one, hybrid: all },
          'hybrid ÷ async': { all: ratio },
          'CPUs that k6, nginx and the rest leave': { all: left },
        },
        sentence: `One loop answered ${shownRate(one.estimate)}, a loop for each of ${cpus} CPUs ${shownRate(all.estimate)}: ${withInterval(ratio)} times as much, where k6, nginx and the rest left ${shownNumber(left)} CPUs${end}.`,
        answer,
      };
    },
  };
}
