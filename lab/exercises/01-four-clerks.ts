import { meanOf } from '../../model/histogram.ts';
import { responseTimeAt, saturationThroughput } from '../queueing/operational-laws.ts';
import type { Exercise } from './exercise.ts';
import { agreement, measuredOn } from './measured-on.ts';
import { inUnit } from './quantity.ts';

const CLERKS = 4;
const SERVICE = 120;
const INSIDE = 10;
/** So much of a clerk's time is one second on the stack. */
const SCALE = 500;

/** Little's law, at a counter. */
export const fourClerks: Exercise = {
  number: 1,
  name: '01-four-clerks',
  title: 'A counter with four clerks',
  unit: 's',
  asked: () => ({
    question: [
      'A counter has four clerks, and a customer keeps a clerk for two minutes. It is a busy day: there are always ten people inside, those at the clerks and those who wait. Whoever leaves makes room for the next one from the street.',
      'How long does a customer stay inside?',
    ],
    given: [
      { what: 'clerks', value: `${CLERKS}` },
      { what: 'time with a clerk', value: inUnit(SERVICE, 's') },
      { what: 'people inside', value: `${INSIDE}` },
    ],
  }),
  hints: [
    'First how many customers leave a second: with ten people inside no clerk is ever idle.',
    "Little's law ties three means together: people inside, people who leave a second, and the time that one stays. N = X R.",
  ],
  answer: () => {
    const throughput = saturationThroughput({ serviceDemand: SERVICE, servers: CLERKS });
    const value = responseTimeAt({ concurrency: INSIDE, throughput });
    return {
      value,
      tolerance: 0.01,
      steps: [
        `All ${CLERKS} clerks are always busy: X = m ÷ S = ${CLERKS} ÷ ${SERVICE} s = ${inUnit(throughput, '/s')}.`,
        `Little's law, N = X R, solved for the time inside: R = N ÷ X = ${INSIDE} ÷ ${inUnit(throughput, '/s')} = ${inUnit(value, 's')}.`,
        `Of these, ${SERVICE} s are service and ${inUnit(value - SERVICE, 's')} are waiting. Nothing was said of who is served next, or of how much service times differ: the law does not ask.`,
      ],
      models: [
        { name: "Little's law", file: 'lab/queueing/operational-laws.ts' },
        { name: 'the utilisation law', file: 'lab/queueing/operational-laws.ts' },
      ],
      mistakes: [
        { value: SERVICE, hint: 'That is the time with the clerk alone; ten people do not fit before four clerks.' },
        { value: value - SERVICE, hint: 'That is what a customer waits; the time with the clerk is spent inside too.' },
        { value: INSIDE * SERVICE, hint: 'That is for a single clerk.' },
        {
          value: Math.ceil(INSIDE / CLERKS) * SERVICE,
          hint: 'Clerks do not begin and end together: there are no rounds, a clerk takes the next one at once.',
        },
      ],
    };
  },
  measurement: {
    what: `ten users who do not think, on four blocking processes; a wait of ${(1000 * SERVICE) / SCALE} ms stands for two minutes`,
    lasts: 15,
    experiment: () => ({
      phases: { warmUp: 2, steadyState: 8 },
      objective: { responseTime: 0.5 },
      deployments: [{ topology: 'sync', processes: CLERKS }],
      workloads: [{ name: 'counter', requests: [{ route: 'wait', parameters: { ms: (1000 * SERVICE) / SCALE } }] }],
      loads: [{ users: INSIDE }],
    }),
    read: (results, facts) => {
      const measurement = measuredOn(results, { topology: 'sync' });
      const { responseTime, throughput } = measurement;
      const inside = SCALE * meanOf(responseTime);
      const { value } = fourClerks.answer(facts);
      return agreement(
        'A customer stayed inside for',
        [measurement],
        { measured: inside, answer: value, unit: 's', within: 0.08 },
        [
          `${inUnit(throughput, '/s')} were served, and each took ${inUnit(meanOf(responseTime), 's')}, which is ${inUnit(inside, 's')} at the counter.`,
        ],
      );
    },
  },
};
