import { shownNumber, shownRate, shownTime, wholePercent } from '../../../model/quantities.ts';
import { type Interval, meanInterval } from '../../../model/statistics.ts';
import { settingLimits } from '../../protocol.ts';
import { figure, type StepOutcome } from './figure.ts';
import type { TopologyReading } from './reading.ts';
import type { StackSizes, Step } from './step.ts';
import { waitOf } from './workloads.ts';

const WAIT_MS = 40;
/** Fewer, a quarter of them where each loop still has one. */
const PARTS = 4;
/** So few that nobody waits for a connection. */
const LIGHT = 50;
/** For each connection: enough that somebody always waits for it. */
const USERS = 2;
const MATCH = { from: 0.9, to: 1.1 } as const;
const USED_UP = 0.9;

/** Event loops with many database connections and with few: throughput against connections ÷ hold time. */
export const c8: Step = {
  step: 'C8',
  needs: ['hybrid'],
  duration: 10,
  facts: factsOf,
  situation: sizes => ({ workload: waitOf(WAIT_MS), load: loadOf(factsOf(sizes).many) }),
  async measure(loads, sizes) {
    const { many, few } = factsOf(sizes);
    const workload = waitOf(WAIT_MS);
    await loads.limitConnections('hybrid', many);
    const light = await loads.load('hybrid', { workload, load: { model: 'open', arrivalRate: LIGHT }, steadyState: 1 });
    const withMany = await loads.load('hybrid', { workload, load: loadOf(many), steadyState: 2 });
    await loads.limitConnections('hybrid', few);
    const withFew = await loads.load('hybrid', { workload, load: loadOf(few), steadyState: 2 });
    return outcomeOf(
      light.databaseWait,
      { connections: many, reading: withMany },
      { connections: few, reading: withFew },
    );
  },
};

interface Measured {
  readonly connections: number;
  readonly reading: TopologyReading;
}

/** `hold`: for how long a request keeps its connection when nobody waits for one, in seconds. */
export function outcomeOf(hold: number, many: Measured, few: Measured): StepOutcome {
  const [ofMany, ofFew] = [many, few].map(one => partOf(one, hold)) as [Part, Part];
  return {
    figures: [
      figure('a connection is held for', 's', hold, 'hybrid'),
      figure(`throughput with many connections`, '1/s', ofMany.throughput, 'hybrid'),
      figure(`many connections ÷ hold time`, '1/s', ofMany.limit, 'hybrid'),
      figure(`throughput with few connections`, '1/s', ofFew.throughput, 'hybrid'),
      figure(`few connections ÷ hold time`, '1/s', ofFew.limit, 'hybrid'),
    ],
    sentence: `A connection is held for ${shownTime(hold)}. ${saidOf(many, ofMany)}; ${saidOf(few, ofFew)}.${
      ofFew.isTheLimit ? '' : ' That the connections are the limit is not shown here.'
    }`,
    answer: answerOf(ofFew.throughput.estimate / ofMany.throughput.estimate),
  };
}

interface Part {
  readonly throughput: Interval;
  readonly limit: number;
  /** Throughput is what connections ÷ hold time allow. */
  readonly isTheLimit: boolean;
}

function partOf({ connections, reading }: Measured, hold: number): Part {
  const throughput = meanInterval(reading.throughputs);
  const limit = connections / hold;
  const part = throughput.estimate / limit;
  return { throughput, limit, isTheLimit: part >= MATCH.from && part <= MATCH.to };
}

function saidOf({ connections, reading }: Measured, { throughput, limit, isTheLimit }: Part): string {
  const part = `${connections} connections carry ${shownRate(throughput.estimate)}, ${shownNumber(throughput.estimate / limit)} of ${connections} ÷ hold time`;
  if (isTheLimit || throughput.estimate > limit) return part;
  const busy = wholePercent(reading.machine);
  return `${part} (${reading.machine >= USED_UP ? `the CPUs gave out first: ${busy} busy` : `the CPUs were ${busy} busy`})`;
}

/** 0: as much as with many, 1: about as much less as there are fewer connections, 2: a little less, 3: next to nothing. */
function answerOf(ratio: number): number {
  if (ratio >= 0.9) return 0;
  if (ratio >= 0.5) return 2;
  return ratio >= 0.15 ? 1 : 3;
}

function factsOf({ workers, deployment }: StackSizes) {
  const loops = workers('hybrid');
  const many = Math.min(
    settingLimits.databaseConnections,
    Math.max(deployment('hybrid')?.databaseConnections ?? 0, PARTS * loops),
  );
  const few = Math.max(loops, Math.round(many / PARTS));
  return { loops, many, few, wait: WAIT_MS / 1000, users: usersOf(many) };
}

function usersOf(connections: number): number {
  return Math.min(settingLimits.users, USERS * connections);
}

function loadOf(connections: number) {
  return { model: 'closed', users: usersOf(connections), thinkTime: 0 } as const;
}
