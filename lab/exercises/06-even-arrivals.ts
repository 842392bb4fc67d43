import { percent } from '../../model/quantities.ts';
import { responseTimeQuantile } from '../queueing/erlang-c.ts';
import * as gm1 from '../queueing/gm1.ts';
import type { Exercise } from './exercise.ts';
import { asShown, inUnit } from './quantity.ts';
import type { TrialFacts } from './trial-facts.ts';

const UTILISATION = 0.95;

/** What a generator hides that sends at even distances: D/M/1 against M/M/1. */
export const evenArrivals: Exercise = {
  number: 6,
  name: '06-even-arrivals',
  title: 'The generator that sends like a clock',
  unit: 'times',
  asked: facts => ({
    question: [
      `One worker is to be busy for ${percent(UTILISATION)} of its time; its service times are exponential. A load generator that sends at even distances, like a clock, finds the mean wait bearable. Then real clients come, as many a second, but each whenever it likes: a Poisson process.`,
      'How many times as long as under the generator do requests wait, in the mean?',
    ],
    given: [
      { what: 'service time, in the mean', value: inUnit(serviceTimeOf(facts), 's') },
      { what: 'arrivals', value: inUnit(asShown(arrivalsOf(facts)), '/s') },
    ],
  }),
  hints: [
    'Poisson arrivals to one exponential server are M/M/1: W = ρ S ÷ (1 − ρ).',
    'Even arrivals make D/M/1. The wait has the same form, W = σ S ÷ (1 − σ), but σ, the probability that an arrival finds the worker busy, is not ρ.',
    'σ solves σ = exp(−(1 − σ) ÷ ρ). σ = 1 solves it too; it is not that one. Between 0 and ρ there is one more: halve that interval again and again, and keep the upper half where the right side is larger than σ in the middle, the lower half where it is smaller.',
  ],
  answer: facts => {
    const serviceTime = serviceTimeOf(facts);
    const arrivalRate = asShown(arrivalsOf(facts));
    const even = { serviceTime, ...gm1.evenArrivals(arrivalRate) };
    const poisson = { serviceTime, ...gm1.poissonArrivals(arrivalRate) };
    const [waitEven, waitPoisson] = [gm1.meanWait(even), gm1.meanWait(poisson)];
    const slowest = responseTimeQuantile({ arrivalRate, serviceTime, servers: 1 }, 0.99);
    return {
      value: waitPoisson / waitEven,
      tolerance: 0.03,
      steps: [
        `M/M/1: ρ = λ S = ${asShown(arrivalRate * serviceTime)}, W = ρ S ÷ (1 − ρ) = ${inUnit(waitPoisson, 's')}.`,
        `D/M/1: σ = exp(−(1 − σ) ÷ ρ) has the root ${asShown(gm1.waitingProbability(even))} below 1, W = σ S ÷ (1 − σ) = ${inUnit(waitEven, 's')}.`,
        `${inUnit(waitPoisson, 's')} ÷ ${inUnit(waitEven, 's')} = ${inUnit(waitPoisson / waitEven, 'times')}. Half of the queue comes from service times, half from arrivals; whoever tests with a clock never sees the second half.`,
        `At such a utilisation the mean is no comfort: under M/M/1 one response in a hundred takes longer than ${inUnit(slowest, 's')}, ${asShown(slowest / serviceTime)} service times.`,
      ],
      models: [
        { name: 'G/M/1', file: 'lab/queueing/gm1.ts' },
        { name: 'M/M/c', file: 'lab/queueing/erlang-c.ts' },
      ],
      mistakes: [
        { value: waitEven / waitPoisson, hint: 'Upside down.' },
        {
          value: 1,
          hint: 'The utilisation is the same, the queue is not: arrivals that come together have to wait for one another.',
        },
        {
          value: (waitPoisson + serviceTime) / (waitEven + serviceTime),
          hint: 'That is of response times; waiting was asked for.',
        },
      ],
    };
  },
  measurement: {
    nothing:
      'Loadline sends Poisson arrivals only, for this very reason, and a wait in the database takes as long as it is asked to: the stack has neither of the two queues. The tests hold the answer against a simulation of both.',
  },
};

function serviceTimeOf(facts: TrialFacts): number {
  return facts.wait;
}

function arrivalsOf(facts: TrialFacts): number {
  return UTILISATION / serviceTimeOf(facts);
}
