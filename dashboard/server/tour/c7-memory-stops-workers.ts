import { counted, shownBytes, shownNumber, shownRate } from '../../../model/quantities.ts';
import { type Interval, meanInterval, ratioInterval } from '../../../model/statistics.ts';
import { isConcurrencyLimited, type TopologyName, topologyOf } from '../../../model/topology.ts';
import { settingLimits, UNDECIDED } from '../../protocol.ts';
import { figure, type StepOutcome } from './figure.ts';
import type { TopologyReading } from './reading.ts';
import type { StackSizes, Step } from './step.ts';
import { waitOf } from './workloads.ts';

const WAIT_MS = 50;
/** As much, and as much memory: within a tenth. */
const SAME = { from: 0.9, to: 1.1 } as const;

/** More and more blocking workers, and event loops with as many connections as the most of them, in turn. */
export const c7: Step = {
  step: 'C7',
  needs: ['sync', 'threads', 'sync-threads', 'hybrid'],
  duration: 14,
  facts: factsOf,
  situation: sizes => ({ workload: waitOf(WAIT_MS), load: loadOf(sizes) }),
  async measure(loads, sizes) {
    const { connections } = factsOf(sizes);
    await loads.limitConnections('hybrid', connections);
    const readings: TopologyReading[] = [];
    for (const [topology, steadyState] of [
      ['sync', 1.5],
      ['threads', 1.5],
      ['sync-threads', 2],
      ['hybrid', 2],
    ] as const) {
      readings.push(await loads.load(topology, { workload: waitOf(WAIT_MS), load: loadOf(sizes), steadyState }));
    }
    return outcomeOf(readings, { workers: sizes.workers, connections });
  },
};

export function outcomeOf(
  readings: readonly TopologyReading[],
  { workers, connections }: { readonly workers: (topology: TopologyName) => number; readonly connections: number },
): StepOutcome {
  const [most, loops] = (['sync-threads', 'hybrid'] as const).map(name => readings.find(one => one.topology === name));
  if (most === undefined || loops === undefined) throw new RangeError('sync-threads and hybrid have a reading each');
  const throughput = ratioInterval(most.throughputs, loops.throughputs);
  const memory = most.memory / loops.memory;
  const answer = answerOf(throughput, memory);
  const rest = {
    [UNDECIDED]: 'Whether that is as much is not shown here.',
    0: 'They do not match the loops here: it is not memory that stops them.',
    1: 'They match the loops here, and take no more memory.',
    2: `They match the loops, for ${shownNumber(memory)} times the memory: that is what stops them.`,
    3: 'They serve more than the loops here.',
  }[answer];
  return {
    figures: [
      ...readings.map(({ topology, throughputs }) => figure('throughput', '1/s', meanInterval(throughputs), topology)),
      ...readings.map(({ topology, memory }) => figure('memory', 'bytes', memory, topology)),
      ...readings.map(({ topology, memory }) =>
        figure(
          'memory for each request at once',
          'bytes',
          memory / (isConcurrencyLimited(topologyOf(topology)) ? workers(topology) : connections),
          topology,
        ),
      ),
    ],
    sentence:
      `${counted(workers('sync-threads'), 'blocking worker')} served ${shownRate(meanInterval(most.throughputs).estimate)} ` +
      `with ${shownBytes(most.memory)}, the loops with ${counted(connections, 'connection')} ` +
      `${shownRate(meanInterval(loops.throughputs).estimate)} with ${shownBytes(loops.memory)}. ${rest}`,
    answer,
  };
}

/** 0: the workers serve less, 1: as much with as much memory, 2: as much with more memory, 3: more. */
function answerOf({ low, high }: Interval, memory: number): number {
  if (high < SAME.from) return 0;
  if (low > SAME.to) return 3;
  if (low < SAME.from || high > SAME.to) return UNDECIDED;
  return memory > SAME.to ? 2 : 1;
}

function factsOf({ workers }: StackSizes) {
  const all = workers('sync-threads');
  const connections = Math.min(settingLimits.databaseConnections, all);
  return {
    processes: workers('sync'),
    threads: workers('threads'),
    both: all,
    loops: workers('hybrid'),
    connections,
    // Where the loops cannot have as many connections, it is the users who are as many at both.
    users: all > settingLimits.databaseConnections ? settingLimits.databaseConnections : 2 * all,
    wait: WAIT_MS / 1000,
  };
}

function loadOf(sizes: StackSizes) {
  return { model: 'closed', users: factsOf(sizes).users, thinkTime: 0 } as const;
}
