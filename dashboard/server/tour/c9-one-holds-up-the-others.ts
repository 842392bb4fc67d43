import type { TopologyName } from '../../../services/topologies.ts';
import type { TourOutcome } from '../../protocol.ts';
import { figure } from './figure.ts';
import { quantileOf } from './intervals.ts';
import type { Reading } from './reading.ts';
import { duration } from './shown.ts';
import type { Step } from './step.ts';
import { plain } from './workloads.ts';

const TOPOLOGIES = ['sync', 'async', 'hybrid'] as const;
const ARRIVALS = 50;
/** Seconds, about: it is a number of units, whatever they take here. */
const COMPUTING = 1;
/** Held up: some light request waited for so much of the heavy one. */
const HELD_UP = 0.3;

/** Light requests at a steady rate beside one that computes, at one topology after the other. */
export const c9: Step = {
  step: 'C9',
  needs: TOPOLOGIES,
  duration: 10,
  facts: ({ workers }) => ({
    arrivalRate: ARRIVALS,
    workers: workers('sync'),
    loops: workers('hybrid'),
  }),
  situation: () => ({ workload: plain, load: { model: 'open', arrivalRate: ARRIVALS } }),
  async measure(loads) {
    const load = { model: 'open', arrivalRate: ARRIVALS } as const;
    const alone = await loads.loadTogether(TOPOLOGIES, { workload: plain, load, steadyState: 2 });
    const beside: Reading[] = [];
    for (const topology of TOPOLOGIES) beside.push(await loads.holdCpu(topology, COMPUTING));
    return outcomeOf(alone, beside);
  },
};

/** Each of `beside` holds one heavy request: the longest of all, since whoever waits for it is not answered before it. */
export function outcomeOf(alone: readonly Reading[], beside: readonly Reading[]): TourOutcome {
  const heavy = Math.max(...beside.map(({ responseTimes }) => responseTimes.at(-1) ?? 0));
  const light = beside.map(({ topology, responseTimes }) => ({ topology, times: responseTimes.slice(0, -1) }));
  const heldUp = light.filter(({ times }) => (times.at(-1) ?? 0) > HELD_UP * heavy).map(({ topology }) => topology);
  const answer = answerOf(heldUp);
  const each = light.map(({ topology, times }) => {
    const before = alone.find(one => one.topology === topology)?.responseTimes ?? [];
    return `${topology} ${duration(times.at(-1) ?? Number.NaN)} (alone ${duration(before.at(-1) ?? Number.NaN)})`;
  });
  return {
    figures: [
      ...alone.map(({ topology, responseTimes }) =>
        figure('p99 alone', 's', quantileOf(responseTimes, 0.99), topology),
      ),
      ...light.map(({ topology, times }) =>
        figure('p99 beside the one that computes', 's', quantileOf(times, 0.99), topology),
      ),
      ...alone.map(({ topology, responseTimes }) => figure('longest alone', 's', responseTimes.at(-1) ?? 0, topology)),
      ...light.map(({ topology, times }) =>
        figure('longest beside the one that computes', 's', times.at(-1) ?? 0, topology),
      ),
    ],
    sentence:
      `Beside a request that took ${duration(heavy)}, the longest of the light ones took on ${each.join(', on ')}.` +
      (heldUp.includes('async') ? '' : ' That the one loop holds up the others is not shown here.'),
    answer,
  };
}

/** 0: none is held up, 1: those on the one loop are and the pool of processes goes on, 2: they are everywhere. */
function answerOf(heldUp: readonly TopologyName[]): number {
  if (heldUp.length === 0) return 0;
  if (heldUp.length === TOPOLOGIES.length) return 2;
  return heldUp.includes('async') && !heldUp.includes('sync') ? 1 : 3;
}
