import { saturationThroughput } from '../queueing/operational-laws.ts';
import type { Exercise } from './exercise.ts';
import { agreement, lastOf, measuredOn } from './measured-on.ts';
import { inUnit } from './quantity.ts';

const CLIENTS = 5;
const WORKERS = 4;
const WAIT = 0.2;

/** The article's picture: the client for whom no worker is free. */
export const fiveClients: Exercise = {
  number: 2,
  name: '02-five-clients',
  title: 'Five clients and four workers',
  unit: 's',
  asked: () => ({
    question: [
      `The article draws a pool of four blocking workers before which five clients appear at the same moment. Each request waits in the database for ${inUnit(WAIT, 's')}, during which its worker can do nothing else.`,
      'When does the last of the five have its answer?',
    ],
    given: [
      { what: 'clients', value: `${CLIENTS}` },
      { what: 'blocking workers', value: `${WORKERS}` },
      { what: 'a request keeps its worker for', value: inUnit(WAIT, 's') },
    ],
  }),
  hints: [
    'Four of them are served at once. What is the fifth waiting for?',
    'Its own service begins when the first of the others ends.',
  ],
  answer: () => {
    const waves = Math.ceil(CLIENTS / WORKERS);
    const value = waves * WAIT;
    const mean = (WORKERS * WAIT + value) / CLIENTS;
    return {
      value,
      tolerance: 0.01,
      steps: [
        `${CLIENTS} requests on ${WORKERS} workers make ⌈${CLIENTS} ÷ ${WORKERS}⌉ = ${waves} waves.`,
        `All of them begin at the same moment and take equally long, so a wave is one service time: ${waves} × ${inUnit(WAIT, 's')} = ${inUnit(value, 's')}.`,
        `The mean is ${inUnit(mean, 's')}: four clients notice nothing, one sees twice the time. More workers than clients would serve nobody sooner.`,
        `In the long run such a pool carries ${inUnit(saturationThroughput({ serviceDemand: WAIT, servers: WORKERS }), '/s')}, and of ${CLIENTS} a second at even distances none would wait: the fifth waits because all come at the same moment, not because they are many.`,
      ],
      models: [{ name: 'the utilisation law', file: 'lab/queueing/operational-laws.ts' }],
      mistakes: [
        { value: WAIT, hint: 'That is the answer of the other four: no worker is free for the fifth.' },
        { value: CLIENTS * WAIT, hint: 'That is for a single worker.' },
        { value: (CLIENTS / WORKERS) * WAIT, hint: 'A worker cannot help with a quarter of a request.' },
        { value: mean, hint: 'That is the mean of all five.' },
      ],
    };
  },
  measurement: {
    what: 'five requests at once on four blocking processes',
    lasts: 3,
    experiment: () => ({
      deployments: [{ topology: 'sync', processes: WORKERS }],
      workloads: [{ name: 'fifth', requests: [{ route: 'wait', parameters: { ms: 1000 * WAIT } }] }],
      loads: [{ burst: CLIENTS }],
    }),
    read: (results, facts) => {
      const measurement = measuredOn(results, { topology: 'sync' });
      const { responses = [] } = measurement;
      const times = responses.map(({ responseTime }) => responseTime).sort((a, b) => a - b);
      const { value } = fiveClients.answer(facts);
      return agreement(
        'The last answer came after',
        [measurement],
        { measured: lastOf(measurement, CLIENTS), answer: value, unit: 's', within: 0.15 },
        [`${times.length} of ${CLIENTS} were answered, after ${times.map(time => inUnit(time, 's')).join(', ')}.`],
      );
    },
  },
};
