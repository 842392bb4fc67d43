import { type Fraction, type PerSecond, percent, type Seconds } from '../../model/quantities.ts';
import { waitsLongerProbability } from '../queueing/erlang-c.ts';
import { concurrencyAt, saturationThroughput, utilisationAt } from '../queueing/operational-laws.ts';
import type { Exercise } from './exercise.ts';
import { disagreeIfFailed, measuredOn } from './measured-on.ts';
import { asShown, inUnit } from './quantity.ts';
import type { TrialFacts } from './trial-facts.ts';

/** Round numbers of arrivals, of which that one is asked about whose answer is furthest from the next one. */
const ARRIVALS: readonly PerSecond[] = [1200, 1300, 1400, 1500, 1600, 1700, 1800];
const BUSIEST: Fraction = 0.8;
/** With so few, and three users for each, they are all that a machine with two CPUs has to wait for. */
const MEASURED = 10;

/** The database as the bottleneck of event loops. */
export const databaseConnections: Exercise = {
  number: 8,
  name: '08-database-connections',
  title: 'The database behind the loops',
  unit: 'connections',
  asked: facts => {
    const { id, completed, kept } = facts.connections;
    return {
      question: [
        `Event loops shall carry ${arrivalsOf(facts)} requests a second. Each request waits in the database, and holds a connection meanwhile. So that requests do not queue for connections, these shall be in use for at most ${percent(BUSIEST)} of the time.`,
        'How many connections does it take at least?',
      ],
      given: [
        { what: 'arrivals', value: `${arrivalsOf(facts)}/s` },
        { what: 'connections in use at most', value: percent(BUSIEST) },
        { what: 'the trial', value: id },
        { what: 'completed in it', value: `${completed}` },
        { what: 'seconds of connections in use, added up', value: inUnit(asShown(kept), 's') },
      ],
    };
  },
  hints: [
    'How long is a connection held for one request?',
    "Little's law for the connections alone: how many are in use in the mean?",
  ],
  answer: facts => {
    const hold = holdOf(facts);
    const arrivalRate = arrivalsOf(facts);
    const inUse = concurrencyAt({ throughput: arrivalRate, responseTime: hold });
    const value = Math.ceil(inUse / BUSIEST);
    const waiting = (servers: number) =>
      percent(waitsLongerProbability({ arrivalRate, serviceTime: hold, servers }, 0));
    const least = Math.floor(inUse) + 1;
    return {
      value,
      tolerance: 0,
      steps: [
        `A connection is held for ${inUnit(asShown(facts.connections.kept), 's')} ÷ ${facts.connections.completed} = ${inUnit(hold, 's')}.`,
        `Little's law, N = X R: ${arrivalRate}/s × ${inUnit(hold, 's')} = ${asShown(inUse)} connections are in use in the mean.`,
        `At most ${percent(BUSIEST)} of them: ${asShown(inUse)} ÷ ${BUSIEST} = ${asShown(inUse / BUSIEST)}, and there are whole ones only: ${value}.`,
        `With ${value} they are in use for ${percent(utilisationAt({ throughput: arrivalRate, serviceDemand: hold, servers: value }))} of the time, and by Erlang C ${waiting(value)} of the requests wait for one; with ${least}, the fewest that carry the load at all, ${waiting(least)}.`,
        `If waits in the database become twice as long, ${value} connections carry ${inUnit(saturationThroughput({ serviceDemand: 2 * hold, servers: value }), '/s')} at most, whatever stands before them.`,
      ],
      models: [
        { name: "Little's law", file: 'lab/queueing/operational-laws.ts' },
        { name: 'Erlang C', file: 'lab/queueing/erlang-c.ts' },
        { name: 'what one Postgres carries', file: 'lab/plan/formulas.ts' },
      ],
      mistakes: [
        { value: least, hint: 'These carry the load, and are in use nearly all of the time.' },
        { value: Math.ceil(inUse * BUSIEST), hint: 'That makes them fewer than are in use in the mean: divide.' },
        { value: Math.floor(inUse / BUSIEST), hint: 'Rounded down they are busier than allowed.' },
        { value: arrivalRate, hint: 'A connection serves many requests a second, one after the other.' },
      ].filter(mistake => mistake.value !== value),
    };
  },
  measurement: {
    what: `one event loop with ${MEASURED} connections and ${3 * MEASURED} users who do not think: what a connection carries when it is always in use`,
    lasts: 15,
    experiment: facts => ({
      deployments: [{ topology: 'async', databaseConnections: MEASURED }],
      workloads: [{ name: 'wait', requests: facts.waits.requests }],
      loads: [{ users: 3 * MEASURED }],
    }),
    read: (results, facts) => {
      const measurement = measuredOn(results, { topology: 'async' });
      const { throughput } = measurement;
      const arrivalRate = arrivalsOf(facts);
      const needed = Math.ceil(((arrivalRate / throughput) * MEASURED) / BUSIEST);
      const { value } = databaseConnections.answer(facts);
      return disagreeIfFailed([measurement], {
        agrees: Math.abs(needed / value - 1) <= 0.1,
        sentences: [
          `${MEASURED} connections served ${inUnit(throughput, '/s')}, each ${inUnit(throughput / MEASURED, '/s')}: for ${arrivalRate}/s at ${percent(BUSIEST)} that is ${inUnit(needed, 'connections')}; computed are ${value}.`,
        ],
      });
    },
  },
};

/** The arrivals of which that many connections are most surely the answer: who rounds on the way gets it too. */
function arrivalsOf(facts: TrialFacts): PerSecond {
  const fromHalf = (arrivalRate: PerSecond) => Math.abs((((arrivalRate * holdOf(facts)) / BUSIEST) % 1) - 0.5);
  return ARRIVALS.reduce((best, one) => (fromHalf(one) < fromHalf(best) ? one : best));
}

function holdOf(facts: TrialFacts): Seconds {
  const { kept, completed } = facts.connections;
  return asShown(kept) / completed;
}
