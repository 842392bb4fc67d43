import type { Measurement } from '../../model/measurement.ts';
import { type Fraction, percent, type Seconds } from '../../model/quantities.ts';
import { fewestServers, meanWait, waitsLongerProbability } from '../queueing/erlang-c.ts';
import type { Exercise } from './exercise.ts';
import { disagreeIfFailed, measuredOn, partOver } from './measured-on.ts';
import { asShown, inUnit } from './quantity.ts';
import { keptPerRequest, type TrialFacts } from './trial-facts.ts';

const ARRIVALS = 150;
const ALLOWED: { readonly wait: Seconds; readonly fraction: Fraction } = { wait: 0.02, fraction: 0.01 };

/** The size of a pool by Erlang C. */
export const howManyWorkers: Exercise = {
  number: 5,
  name: '05-how-many-workers',
  title: 'How many workers',
  unit: 'workers',
  asked: facts => ({
    question: [
      `A pool of blocking workers shall serve ${ARRIVALS} requests a second, which arrive independently of one another. Most of them shall not have to wait for a worker: at most one in ${1 / ALLOWED.fraction} for longer than ${inUnit(ALLOWED.wait, 's')}. Take one queue before all workers and exponential service times.`,
      'How many workers does it take at least?',
    ],
    given: [
      { what: 'arrivals', value: inUnit(ARRIVALS, '/s') },
      { what: 'a request keeps its worker for', value: inUnit(serviceTimeOf(facts), 's') },
      { what: 'longer waits than', value: inUnit(ALLOWED.wait, 's') },
      { what: 'for at most', value: percent(ALLOWED.fraction) },
    ],
  }),
  hints: [
    'Begin with the offered traffic, a = λ S: with no more workers than that the queue grows without end.',
    'Erlang C is the probability C of having to wait at all. By its recursion: B(0) = 1, B(k) = a B(k−1) ÷ (k + a B(k−1)), C = B(c) ÷ (1 − ρ (1 − B(c))) with ρ = a ÷ c.',
    'Who waits does so for an exponential time: P(W > t) = C exp(−(c ÷ S − λ) t). Try c after c.',
  ],
  answer: facts => {
    const demand = { arrivalRate: ARRIVALS, serviceTime: serviceTimeOf(facts) };
    const value = fewestServers(demand, ALLOWED);
    const traffic = ARRIVALS * demand.serviceTime;
    const least = Math.floor(traffic) + 1;
    const table = Array.from({ length: value - least + 2 }, (_, index) => least + index).map(servers => {
      const pool = { ...demand, servers };
      return `c = ${servers}: P(W > ${inUnit(ALLOWED.wait, 's')}) = ${percent(waitsLongerProbability(pool, ALLOWED.wait))}, mean wait ${inUnit(meanWait(pool), 's')}`;
    });
    return {
      value,
      tolerance: 0,
      steps: [
        `Offered traffic: a = λ S = ${inUnit(ARRIVALS, '/s')} × ${inUnit(demand.serviceTime, 's')} = ${asShown(traffic)}: so many workers are busy in the mean, and ${least} are the fewest with a steady state.`,
        'Erlang C for each number of workers:',
        ...table,
        `${value} are the fewest that keep it to ${percent(ALLOWED.fraction)}. They are busy for ${percent(traffic / value)} of their time; that is what short waits cost.`,
        'On the stack each worker has a queue of its own, which makes waits longer, and a wait always takes the same time, which makes them shorter: one worker more or fewer is within the model.',
      ],
      models: [{ name: 'Erlang C', file: 'lab/queueing/erlang-c.ts' }],
      mistakes: [
        { value: least, hint: 'So few are enough for a steady state, but in it most requests wait.' },
        { value: Math.floor(traffic), hint: 'Fewer than the offered traffic: that queue grows without end.' },
        ...(value - 1 > least
          ? [{ value: value - 1, hint: 'With so many the part that waits too long is still larger than allowed.' }]
          : []),
        {
          value: fewestServers(demand, { ...ALLOWED, wait: 0 }),
          hint: 'With so many hardly anybody waits at all; short waits were allowed.',
        },
      ].filter(mistake => mistake.value !== value),
    };
  },
  measurement: {
    what: `the load on as many blocking threads as the answer says, and on half as many; a wait of over ${inUnit(ALLOWED.wait, 's')} is an answer later than service and ${inUnit(ALLOWED.wait, 's')}`,
    lasts: 35,
    experiment: facts => {
      const { value } = howManyWorkers.answer(facts);
      return {
        phases: { warmUp: 2, steadyState: 12 },
        objective: { responseTime: limitOf(facts) },
        deployments: [{ name: 'pools', topology: 'threads', threadsPerProcess: [value, Math.ceil(value / 2)] }],
        workloads: [{ name: 'wait', requests: facts.waits.requests }],
        loads: [ARRIVALS],
      };
    },
    read: (results, facts) => {
      const { value } = howManyWorkers.answer(facts);
      const half = Math.ceil(value / 2);
      const [all, few] = [value, half].map(threadsPerProcess =>
        measuredOn(results, { topology: 'threads', threadsPerProcess }),
      ) as [Measurement, Measurement];
      const [over, overOfFew] = [all, few].map(({ responseTime }) => partOver(responseTime)) as [Fraction, Fraction];
      // Those that are too few may leave requests unanswered: that is what they are measured for.
      return disagreeIfFailed([all], {
        // nginx and the generator add some: twice what is allowed is near enough, on a machine that is shared.
        agrees: over <= 2 * ALLOWED.fraction && overOfFew > ALLOWED.fraction,
        sentences: [
          `Later than ${inUnit(limitOf(facts), 's')} (service and ${inUnit(ALLOWED.wait, 's')}): ${percent(over)} with ${value} workers, ${percent(overOfFew)} with ${half}; allowed are ${percent(ALLOWED.fraction)}. The way through nginx and back is in it, which the model leaves out.`,
        ],
      });
    },
  },
};

function serviceTimeOf(facts: TrialFacts): Seconds {
  return keptPerRequest(facts.blockingProcesses);
}

function limitOf(facts: TrialFacts): Seconds {
  return asShown(serviceTimeOf(facts) + ALLOWED.wait);
}
