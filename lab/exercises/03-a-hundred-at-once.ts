import type { Seconds } from '../../model/quantities.ts';
import type { Exercise } from './exercise.ts';
import { disagreeIfFailed, lastOf, measuredOn } from './measured-on.ts';
import { inUnit } from './quantity.ts';

const REQUESTS = 100;
const CONNECTIONS = 40;
const WAIT = 0.4;

/** The article's hundred requests: waves of workers against waves of connections. */
export const aHundredAtOnce: Exercise = {
  number: 3,
  name: '03-a-hundred-at-once',
  title: 'A hundred requests at once',
  unit: 'workers',
  asked: () => ({
    question: [
      `A hundred requests arrive at the same moment. Each waits in the database for ${inUnit(WAIT, 's')} and computes next to nothing. An event loop takes all of them at once, but it has ${CONNECTIONS} database connections, and a wait needs one for as long as it lasts.`,
      'How many blocking workers, each with a connection of its own, does it take at least to have answered the last request as soon as the loop?',
    ],
    given: [
      { what: 'requests', value: `${REQUESTS}` },
      { what: 'connections of the loop', value: `${CONNECTIONS}` },
      { what: 'a request waits for', value: inUnit(WAIT, 's') },
    ],
  }),
  hints: [
    'The loop holds a hundred requests, and still not all of them are being worked on.',
    'Count the waves of the loop. Then ask how few workers still need no more waves than that.',
  ],
  answer: () => {
    const waves = wavesOf(CONNECTIONS);
    const value = Math.ceil(REQUESTS / waves);
    return {
      value,
      tolerance: 0,
      steps: [
        `The loop: ⌈${REQUESTS} ÷ ${CONNECTIONS}⌉ = ${waves} waves, the last of which ends after ${inUnit(waves * WAIT, 's')}.`,
        `Blocking workers are done as soon if ⌈${REQUESTS} ÷ W⌉ ≤ ${waves}, so W ≥ ${REQUESTS} ÷ ${waves}: W = ${value}.`,
        `With ${value - 1} there are ${wavesOf(value - 1)} waves (${inUnit(wavesOf(value - 1) * WAIT, 's')}). Between ${value} and ${CONNECTIONS} further workers do not help: the last wave only becomes shorter of requests, not of time.`,
        `Four workers, as the article has them, take ${wavesOf(4)} waves, ${inUnit(wavesOf(4) * WAIT, 's')}.`,
      ],
      models: [{ name: "the article's claims, measured", file: 'docs/claims.md' }],
      mistakes: [
        { value: CONNECTIONS, hint: 'As many as the loop has connections are enough, but fewer are too.' },
        { value: REQUESTS, hint: 'The loop does not work on all of them at once either: each needs a connection.' },
        { value: Math.floor(REQUESTS / waves), hint: 'Then one request is left over, and has a wave of its own.' },
      ],
    };
  },
  measurement: {
    what: 'the burst on the loop, on as many blocking threads as the answer says, and on one fewer',
    lasts: 10,
    experiment: facts => {
      const { value } = aHundredAtOnce.answer(facts);
      return {
        objective: { responseTime: 0.5 },
        deployments: [
          { topology: 'async', databaseConnections: CONNECTIONS },
          { name: 'pools', topology: 'threads', threadsPerProcess: [value, value - 1] },
        ],
        workloads: [{ name: 'burst', requests: [{ route: 'wait', parameters: { ms: 1000 * WAIT } }] }],
        loads: [{ burst: REQUESTS }],
      };
    },
    read: (results, facts) => {
      const { value } = aHundredAtOnce.answer(facts);
      const measurements = [
        measuredOn(results, { topology: 'async' }),
        ...[value, value - 1].map(threadsPerProcess => measuredOn(results, { topology: 'threads', threadsPerProcess })),
      ];
      const [loop, enough, fewer] = measurements.map(one => lastOf(one, REQUESTS)) as [Seconds, Seconds, Seconds];
      return disagreeIfFailed(measurements, {
        agrees: enough < loop + WAIT / 2 && fewer > loop + WAIT / 2,
        sentences: [
          `The last answer of the loop came after ${inUnit(loop, 's')}, with ${value} workers after ${inUnit(enough, 's')}, with ${value - 1} after ${inUnit(fewer, 's')}.`,
        ],
      });
    },
  },
};

function wavesOf(places: number): number {
  return Math.ceil(REQUESTS / places);
}
