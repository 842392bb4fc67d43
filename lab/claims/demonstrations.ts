import {
  counted,
  type Seconds,
  shownBytes,
  shownCount,
  shownNumber,
  shownRate,
  shownTime,
  wholePercent,
  withInterval,
} from '../../model/quantities.ts';
import { type Interval, meanInterval, medianInterval, quotient, ratioInterval } from '../../model/statistics.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { computingInTurn, heldUpLoop, oneLoopOrAll } from './computing-demonstrations.ts';
import {
  answerSameness,
  closedLoad,
  type Demonstration,
  type DemonstrationPlan,
  findReading,
  type StackSizes,
  type TopologyReading,
  type TourAnswer,
} from './demonstration.ts';
import { ABOUT_THE_SAME, AT_ONCE, placeInterval } from './lines.ts';

/** The claims of the tour, each with what a live stack can show of it in seconds. */
export const demonstrations = {
  C1: { needs: ['sync'], duration: 4, plan: oneTooMany },
  C2: { needs: ['sync', 'hybrid'], duration: 10.5, plan: wavesOrAllAtOnce },
  C3: { needs: ['sync', 'hybrid'], duration: 12, comparesCpus: true, plan: computingInTurn },
  C4: { needs: ['sync', 'hybrid'], duration: 8.5, plan: manyWaitingUsers },
  C5: { needs: ['sync', 'hybrid'], duration: 8, plan: fewArrivals },
  C7: { needs: ['sync', 'threads', 'sync-threads', 'hybrid'], duration: 14, plan: moreAndMoreWorkers },
  C8: { needs: ['hybrid'], duration: 10, plan: manyOrFewConnections },
  C9: { needs: ['sync', 'async', 'hybrid'], duration: 9, plan: heldUpLoop },
  C12: { needs: ['async', 'hybrid'], duration: 12, comparesCpus: true, plan: oneLoopOrAll },
} as const satisfies Record<string, Demonstration>;

/** nginx logs whole milliseconds. */
const LOG_ROUNDING: Seconds = 0.001;

function waiting(wait: Seconds) {
  return { route: 'wait', parameters: { ms: Math.round(wait * 1000) } } as const;
}

/** A burst at a pool that has one worker too few. */
function oneTooMany(stack: StackSizes): DemonstrationPlan {
  const wait = 0.2;
  const workers = stack.workers('sync');
  return {
    facts: {
      ...{ pool: counted(workers, 'blocking worker'), requests: workers + 1 },
      ...{ wait: shownTime(wait), waitAndHalf: shownTime(1.5 * wait), twoWaits: shownTime(2 * wait) },
    },
    workload: waiting(wait),
    load: { model: 'open', arrivalRate: 0 },
    parts: [
      { kind: 'warm-up', topology: 'sync', workload: waiting(0.001) },
      { kind: 'burst', topology: 'sync', requests: workers + 1 },
    ],
    judge(readings) {
      const { responseTimes, databaseWait: service } = findReading(readings, 'sync');
      const last = responseTimes.at(-1) ?? Number.NaN;
      const services = last / service;
      const atOnce = responseTimes.filter(time => time < AT_ONCE * service).length;
      let answer = services <= 2.5 ? 2 : 3;
      if (services < 1.75) answer = services < 1.25 ? 0 : 1;
      const isShown = atOnce === workers && answer === 2;
      const end = isShown ? '' : `: with ${counted(workers, 'worker')} the claim is not shown here`;
      return {
        figures: {
          'one service': { sync: service },
          'all but the last answered after': { sync: responseTimes[workers - 1] ?? Number.NaN },
          'the last answered after': { sync: last },
        },
        sentence: `Of ${responseTimes.length} requests at once, ${atOnce} were answered within about one service time (${shownTime(service)}), and the last one after ${shownTime(last)}, which is ${shownNumber(services)} service times${end}.`,
        answer,
      };
    },
  };
}

/** A burst at a pool, then at event loops with a database connection for each request. */
function wavesOrAllAtOnce(stack: StackSizes): DemonstrationPlan {
  const [workers, loops] = [stack.workers('sync'), stack.workers('hybrid')];
  // The loops share the connections out: none may run short.
  const spare = 4;
  // At least five waves, also for a large pool.
  const requests = Math.min(stack.most.databaseConnections - spare, Math.max(100, 5 * workers));
  const waves = Math.ceil(requests / workers);
  // The pool needs some seconds at most.
  const wait = Math.min(0.3, Math.max(0.1, (Math.round((4000 * workers) / requests / 50) * 50) / 1000));
  return {
    facts: {
      ...{ pool: counted(workers, 'blocking worker'), loops: counted(loops, 'event loop'), workers, requests },
      ...{ wait: shownTime(wait), waves: shownCount(waves), allWaves: shownTime(waves * wait) },
      ...{ each: shownCount(requests / loops), connections: requests + spare },
    },
    workload: waiting(wait),
    load: { model: 'open', arrivalRate: 0 },
    parts: [
      { kind: 'limit', topology: 'hybrid', databaseConnections: requests + spare },
      { kind: 'warm-up', topology: 'sync', workload: waiting(0.001) },
      { kind: 'burst', topology: 'sync', requests },
      // Makes the connections first, which takes long for so many.
      { kind: 'warm-up', topology: 'hybrid', users: requests, seconds: 1.5 },
      { kind: 'burst', topology: 'hybrid', requests },
    ],
    judge(readings) {
      const [pool, loop] = [findReading(readings, 'sync'), findReading(readings, 'hybrid')];
      const [poolLast = Number.NaN, loopLast = Number.NaN] = [pool, loop].map(one => one.responseTimes.at(-1));
      const [poolWaves, loopWaves] = [poolLast / pool.databaseWait, loopLast / loop.databaseWait];
      const [fewest, most] = [Math.min(...loop.mostInProgress), Math.max(...loop.mostInProgress)];
      const share = requests / loop.mostInProgress.length;
      const isInWaves = Math.abs(poolWaves - requests / workers) <= 0.15 * (requests / workers);
      // Far less than the fewest waves, with room for the CPU time of all requests.
      const isSoon = loopWaves < 3;
      const isEven = fewest >= 0.8 * share && most <= 1.2 * share;
      let answer: TourAnswer = 'none';
      if (poolLast <= loopLast / 1.1) answer = 3;
      else if (isSoon && isInWaves) answer = 1;
      else if (isSoon && poolWaves < 3) answer = 2;
      else if (!isSoon && isInWaves && loopWaves > 0.75 * poolWaves) answer = 0;
      let end = '';
      if (!isInWaves) end = ': that the pool works in waves is not shown here';
      else if (!isSoon || !isEven) end = ': that the loops take all at once is not shown here';
      return {
        figures: {
          'all answered after': { sync: poolLast, hybrid: loopLast },
          'in service times': { sync: poolWaves, hybrid: loopWaves },
          'held by the worker with most': { sync: Math.max(...pool.mostInProgress), hybrid: most },
          'held by the worker with fewest': { hybrid: fewest },
        },
        sentence: `The pool of ${workers} had answered all ${requests} after ${shownTime(poolLast)}, which is ${shownNumber(poolWaves)} service times; the loops after ${shownTime(loopLast)}, which is ${shownNumber(loopWaves)}, and held ${fewest === most ? most : `from ${fewest} to ${most}`} each${end}.`,
        answer,
      };
    },
  };
}

/** Waits from many users, at a worker for each CPU and at as many event loops. */
function manyWaitingUsers(stack: StackSizes): DemonstrationPlan {
  const wait = 0.02;
  const workers = stack.workers('sync');
  const { databaseConnections: connections } = stack.deployment('hybrid');
  // Enough users that neither topology ever waits for one.
  const load = closedLoad(Math.max(100, 2 * connections, 2 * workers), stack);
  const pool = counted(workers, 'blocking worker');
  return {
    facts: {
      ...{ users: load.users, wait: shownTime(wait), pool, connections },
      ...{ loops: counted(stack.workers('hybrid'), 'event loop'), requests: counted(workers, 'request') },
    },
    workload: waiting(wait),
    load,
    parts: [
      { kind: 'load', topologies: ['sync'], steadyState: 2 },
      { kind: 'load', topologies: ['hybrid'], steadyState: 2 },
    ],
    judge(readings) {
      const [sync, hybrid] = [findReading(readings, 'sync'), findReading(readings, 'hybrid')];
      const [ofPool, ofLoops] = [meanInterval(sync.throughputs), meanInterval(hybrid.throughputs)];
      const isSame = Math.abs(ofLoops.estimate / ofPool.estimate - 1) < 0.1;
      let answer: TourAnswer = 'undecided';
      if (ofLoops.high < ofPool.low) answer = 3;
      else if (ofLoops.low <= ofPool.high) answer = isSame ? 0 : 'undecided';
      else if (hybrid.machine - sync.machine > 0.1) answer = 1;
      // On busy CPUs it is unknown whether the loops or other programs keep them busy.
      else if (hybrid.machine < 0.5) answer = 2;
      const end = answer === 1 ? '' : ' That the loops serve more, because the CPUs stay busy, is not shown here.';
      return {
        figures: {
          throughput: { sync: ofPool, hybrid: ofLoops },
          'CPUs busy': { sync: sync.machine, hybrid: hybrid.machine },
        },
        sentence: `With ${pool} the pool served ${shownRate(ofPool.estimate)} while the CPUs were ${wholePercent(sync.machine)} busy; the loops with ${counted(connections, 'connection')} ${shownRate(ofLoops.estimate)} while they were ${wholePercent(hybrid.machine)} busy.${end}`,
        answer,
      };
    },
  };
}

/** A tenth of what a pool can carry, at the pool and at event loops at the same time. */
function fewArrivals(stack: StackSizes): DemonstrationPlan {
  const wait = 0.02;
  // The pool carries its workers ÷ the wait; the loops carry more.
  const arrivalRate = Math.min(100, Math.max(5, Math.round((0.1 * stack.workers('sync')) / wait)));
  return {
    facts: { arrivals: shownRate(arrivalRate), wait: shownTime(wait) },
    workload: waiting(wait),
    load: { model: 'open', arrivalRate },
    parts: [{ kind: 'load', topologies: ['sync', 'hybrid'], warmUp: 1, steadyState: 4.5 }],
    judge(readings) {
      const [pool, loops] = [findReading(readings, 'sync'), findReading(readings, 'hybrid')].map(reading =>
        medianInterval(reading.responseTimes, LOG_ROUNDING),
      ) as [Interval, Interval];
      const ratio = quotient(loops, pool);
      const [answer, end] = answerSameness(ratio, 1, 0);
      return {
        figures: { 'median response time': { sync: pool, hybrid: loops }, 'hybrid ÷ sync': { all: ratio } },
        sentence: `Half of the pool's responses took ${shownTime(pool.estimate)} at most, half of the loops' ${shownTime(loops.estimate)}: ${withInterval(ratio)} times as long${end}.`,
        answer,
      };
    },
  };
}

/** More and more blocking workers, then event loops with as many connections as the most of them. */
function moreAndMoreWorkers(stack: StackSizes): DemonstrationPlan {
  const wait = 0.05;
  const [processes, threads, both] = ['sync', 'threads', 'sync-threads'].map(stack.workers) as [number, number, number];
  const connections = Math.min(stack.most.databaseConnections, both);
  return {
    facts: {
      ...{ wait: shownTime(wait), threads, both, connections },
      processes: counted(processes, 'blocking process', 'blocking processes'),
    },
    workload: waiting(wait),
    // If the loops cannot have as many connections, both sides get as few users instead.
    load: closedLoad(both > connections ? connections : 2 * both, stack),
    parts: [
      { kind: 'limit', topology: 'hybrid', databaseConnections: connections },
      { kind: 'load', topologies: ['sync'], steadyState: 1.5 },
      { kind: 'load', topologies: ['threads'], steadyState: 1.5 },
      { kind: 'load', topologies: ['sync-threads'], steadyState: 2 },
      { kind: 'load', topologies: ['hybrid'], steadyState: 2 },
    ],
    judge(readings) {
      const [most, loops] = [findReading(readings, 'sync-threads'), findReading(readings, 'hybrid')];
      const memory = most.memory / loops.memory;
      const matched: [TourAnswer, string] =
        memory > ABOUT_THE_SAME.to
          ? [2, `They match the loops, for ${shownNumber(memory)} times the memory: that is what stops them.`]
          : [1, 'They match the loops here, and take no more memory.'];
      const outcomes: Record<ReturnType<typeof placeInterval>, [TourAnswer, string]> = {
        below: [0, 'They do not match the loops here: it is not memory that stops them.'],
        within: matched,
        above: [3, 'They serve more than the loops here.'],
        unclear: ['undecided', 'Whether that is as much is not shown here.'],
      };
      const [answer, end] = outcomes[placeInterval(ratioInterval(most.throughputs, loops.throughputs), ABOUT_THE_SAME)];
      const [ofMost, ofLoops] = [most, loops].map(one => shownRate(meanInterval(one.throughputs).estimate));
      const atOnce = ({ topology }: TopologyReading) =>
        isConcurrencyLimited(stack.deployment(topology).spec) ? stack.workers(topology) : connections;
      const compare = <T>(read: (reading: TopologyReading) => T) =>
        Object.fromEntries(readings.map(reading => [reading.topology, read(reading)]));
      return {
        figures: {
          throughput: compare(reading => meanInterval(reading.throughputs)),
          memory: compare(reading => reading.memory),
          'memory for each request at once': compare(reading => reading.memory / atOnce(reading)),
        },
        sentence: `${counted(both, 'blocking worker')} served ${ofMost} with ${shownBytes(most.memory)}, the loops with ${counted(connections, 'connection')} ${ofLoops} with ${shownBytes(loops.memory)}. ${end}`,
        answer,
      };
    },
  };
}

/** Event loops with many database connections, then with few: throughput against connections ÷ hold time. */
function manyOrFewConnections(stack: StackSizes): DemonstrationPlan {
  const wait = 0.04;
  const loops = stack.workers('hybrid');
  const { databaseConnections } = stack.deployment('hybrid');
  const many = Math.min(stack.most.databaseConnections, Math.max(databaseConnections, 4 * loops));
  // A quarter of them; each loop needs one.
  const few = Math.max(loops, Math.round(many / 4));
  // Enough users that a request always waits for a connection.
  const load = closedLoad(2 * many, stack);
  return {
    facts: {
      ...{ loops: counted(loops, 'event loop'), many, few, fewConnections: counted(few, 'connection') },
      ...{ wait: shownTime(wait), users: load.users },
    },
    workload: waiting(wait),
    load,
    parts: [
      { kind: 'limit', topology: 'hybrid', databaseConnections: many },
      { kind: 'load', topologies: ['hybrid'], load: { model: 'open', arrivalRate: 50 }, steadyState: 1 },
      { kind: 'load', topologies: ['hybrid'], steadyState: 2 },
      { kind: 'limit', topology: 'hybrid', databaseConnections: few },
      { kind: 'load', topologies: ['hybrid'], load: closedLoad(2 * few, stack), steadyState: 2 },
    ],
    judge(readings) {
      const [light, withMany, withFew] = readings as [TopologyReading, TopologyReading, TopologyReading];
      const hold = light.databaseWait;
      const compare = (connections: number, { throughputs, machine }: TopologyReading) => {
        const [throughput, limit] = [meanInterval(throughputs), connections / hold];
        const part = throughput.estimate / limit;
        const isLimit = part >= ABOUT_THE_SAME.from && part <= ABOUT_THE_SAME.to;
        const said = `${connections} connections carry ${shownRate(throughput.estimate)}, ${shownNumber(part)} of ${connections} ÷ hold time`;
        const cpus = machine >= 0.9 ? 'the CPUs gave out first:' : 'the CPUs were';
        const isPlain = isLimit || part > 1;
        return { throughput, limit, isLimit, said: isPlain ? said : `${said} (${cpus} ${wholePercent(machine)} busy)` };
      };
      const [ofMany, ofFew] = [compare(many, withMany), compare(few, withFew)];
      const ratio = ofFew.throughput.estimate / ofMany.throughput.estimate;
      let answer = ratio >= 0.9 ? 0 : 2;
      if (ratio < 0.5) answer = ratio >= 0.15 ? 1 : 3;
      const end = ofFew.isLimit ? '' : ' That the connections are the limit is not shown here.';
      return {
        figures: {
          'a connection is held for': { hybrid: hold },
          'throughput with many connections': { hybrid: ofMany.throughput },
          'many connections ÷ hold time': { hybrid: ofMany.limit },
          'throughput with few connections': { hybrid: ofFew.throughput },
          'few connections ÷ hold time': { hybrid: ofFew.limit },
        },
        sentence: `A connection is held for ${shownTime(hold)}. ${ofMany.said}; ${ofFew.said}.${end}`,
        answer,
      };
    },
  };
}
