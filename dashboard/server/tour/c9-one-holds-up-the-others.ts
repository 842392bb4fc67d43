import { shownTime, wholePercent } from '../../../model/quantities.ts';
import { quantileOf } from '../../../model/statistics.ts';
import type { TopologyName } from '../../../model/topology.ts';
import { OBJECTIVE } from '../../protocol.ts';
import { figure, type StepOutcome } from './figure.ts';
import type { TopologyReading } from './reading.ts';
import type { Step } from './step.ts';
import { plain } from './workloads.ts';

/** The three that are compared, and two of them by what they stand for. */
const TOPOLOGIES = ['sync', 'async', 'hybrid'] as const;
const [POOL, ONE_LOOP] = TOPOLOGIES;
const ARRIVALS = 50;
/** Seconds, about: it is a number of units, whatever they take here. */
const COMPUTING = 0.7;
/** A topology is held up when more than this of its light requests miss the objective. */
const HELD_UP = 0.1;

/** Light requests at a steady rate beside one that computes, at one topology after the other. */
export const c9: Step = {
  step: 'C9',
  needs: TOPOLOGIES,
  duration: 9,
  facts: ({ workers }) => ({
    arrivalRate: ARRIVALS,
    workers: workers('sync'),
    loops: workers('hybrid'),
    objective: OBJECTIVE,
  }),
  situation: () => ({ workload: plain, load: { model: 'open', arrivalRate: ARRIVALS } }),
  async measure(loads) {
    const load = { model: 'open', arrivalRate: ARRIVALS } as const;
    const alone = await loads.loadTogether(TOPOLOGIES, { workload: plain, load, steadyState: 2 });
    const beside: TopologyReading[] = [];
    for (const topology of TOPOLOGIES) beside.push(await loads.holdCpu(topology, COMPUTING));
    return outcomeOf(alone, beside);
  },
};

/** Each of `beside` holds one heavy request: the longest of all, since whoever waits for it came after it. */
export function outcomeOf(alone: readonly TopologyReading[], beside: readonly TopologyReading[]): StepOutcome {
  const heavy = Math.max(...beside.map(({ responseTimes }) => responseTimes.at(-1) ?? 0));
  const light = beside.map(({ topology, responseTimes }) => {
    const times = responseTimes.slice(0, -1);
    const late = times.filter(time => time > OBJECTIVE).length / times.length;
    return { topology, times, late, p99: quantileOf(times, 0.99) };
  });
  const before = alone.map(({ topology, responseTimes }) => ({ topology, p99: quantileOf(responseTimes, 0.99) }));
  const heldUp = light.filter(({ late }) => late > HELD_UP).map(({ topology }) => topology);
  const each = light.map(({ topology, late, p99 }) => {
    const p99Alone = before.find(one => one.topology === topology)?.p99 ?? Number.NaN;
    return `${topology} ${wholePercent(late)} (p99 ${shownTime(p99)}, alone ${shownTime(p99Alone)})`;
  });
  return {
    figures: [
      ...light.map(({ topology, late }) => figure('light requests held up', 'fraction', late, topology)),
      ...before.map(({ topology, p99 }) => figure('p99 alone', 's', p99, topology)),
      ...light.map(({ topology, p99 }) => figure('p99 beside the one that computes', 's', p99, topology)),
      ...light.map(({ topology, times }) => figure('longest beside it', 's', times.at(-1) ?? Number.NaN, topology)),
    ],
    sentence:
      `Beside a request that took ${shownTime(heavy)}, so many light ones took longer than ${shownTime(OBJECTIVE)}: on ` +
      `${each.join(', on ')}.${heldUp.includes(ONE_LOOP) ? '' : ' That one holds up the others of its loop is not shown here.'}`,
    answer: answerOf(heldUp),
  };
}

/** 0: none is held up, 1: those on the one loop are, and the pool of processes goes on, 2: they are everywhere, 3: else. */
function answerOf(heldUp: readonly TopologyName[]): number {
  if (heldUp.length === 0) return 0;
  if (heldUp.length === TOPOLOGIES.length) return 2;
  return heldUp.includes(ONE_LOOP) && !heldUp.includes(POOL) ? 1 : 3;
}
