import { deploymentOf } from '../../model/deployment.ts';
import { meanOf } from '../../model/histogram.ts';
import { type Fraction, type PerSecond, percent, type Seconds } from '../../model/quantities.ts';
import { reduceService } from '../plan/reduced-service.ts';
import { estimateWait } from '../queueing/mgc.ts';
import { busyPerRequest } from '../search/saturation.ts';
import type { Exercise } from './exercise.ts';
import { agreement, measuredOn } from './measured-on.ts';
import { asShown, inUnit } from './quantity.ts';
import type { TrialFacts } from './trial-facts.ts';

const ARRIVALS: PerSecond = 100;
const HEAVY: { readonly part: Fraction; readonly serviceTime: Seconds } = { part: 0.1, serviceTime: 0.05 };
const LOOP = deploymentOf('async', 1, { databaseConnections: 1 });

/** Head-of-line blocking on an event loop, by the Pollaczek–Khinchine formula. */
export const aBlockedLoop: Exercise = {
  number: 10,
  name: '10-a-blocked-loop',
  title: 'The loop that computes',
  unit: 's',
  asked: facts => ({
    question: [
      `An event loop serves ${ARRIVALS} requests a second that arrive independently of one another. Most are light; ${percent(HEAVY.part)} compute for ${inUnit(HEAVY.serviceTime, 's')} each, and meanwhile the loop does nothing else: whatever arrives has to wait, in the order of its arrival.`,
      'How long does a request wait in the mean before the loop turns to it?',
    ],
    given: [
      { what: 'arrivals', value: inUnit(ARRIVALS, '/s') },
      { what: 'a light request keeps the loop for', value: inUnit(lightOf(facts), 's') },
      { what: 'a heavy one', value: inUnit(HEAVY.serviceTime, 's') },
      { what: 'part of heavy ones', value: percent(HEAVY.part) },
    ],
  }),
  hints: [
    'It is one server with Poisson arrivals and two kinds of service: M/G/1. How busy is the loop?',
    'Pollaczek and Khinchine: W = ρ S (1 + c²) ÷ (2 (1 − ρ)), the same as λ E[S²] ÷ (2 (1 − ρ)).',
    `E[S²] is the mean of the squares: ${1 - HEAVY.part} × light² + ${HEAVY.part} × heavy².`,
  ],
  answer: facts => {
    const light = lightOf(facts);
    const { mean, squares } = momentsOf(light);
    const utilisation = ARRIVALS * mean;
    const serviceVariation = squares / mean ** 2 - 1;
    const value = waitFor(ARRIVALS, mean, serviceVariation);
    const even = waitFor(ARRIVALS, mean, 0);
    const apart = waitFor((1 - HEAVY.part) * ARRIVALS, light, 0);
    return {
      value,
      tolerance: 0.03,
      steps: [
        `S = ${1 - HEAVY.part} × ${inUnit(light, 's')} + ${HEAVY.part} × ${inUnit(HEAVY.serviceTime, 's')} = ${inUnit(mean, 's')}, so ρ = λ S = ${asShown(utilisation)}: the loop is not even nearly used up.`,
        `The squares: E[S²] = ${asShown(squares * 1e6)} ms², so c² = E[S²] ÷ S² − 1 = ${asShown(serviceVariation)}; 1 would be exponential.`,
        `Pollaczek–Khinchine: W = ρ S (1 + c²) ÷ (2 (1 − ρ)) = ${inUnit(value, 's')}. A light request that needs ${inUnit(light, 's')} waits ${asShown(value / light)} times as long as it is served.`,
        `If all requests took the mean it would be ${inUnit(even, 's')}. On a loop of their own the light ones would wait for ${inUnit(apart, 's')}: that is why heavy work belongs elsewhere.`,
      ],
      models: [{ name: 'M/G/1, the Pollaczek–Khinchine formula', file: 'lab/queueing/mgc.ts' }],
      mistakes: [
        { value: even, hint: 'That is for requests that all take the mean; here a few take very long.' },
        { value: 2 * even, hint: 'That is for exponential service times (M/M/1); these vary more.' },
        {
          value: 2 * value,
          hint: 'A request that finds the loop busy finds half of it done in the mean: there is a 2 below.',
        },
        {
          value: value * (1 - utilisation),
          hint: 'That is what is left of the request in service; those before it in the queue count too.',
        },
        { value: mean, hint: 'That is the mean service time.' },
      ],
    };
  },
  measurement: {
    what: 'the load on one event loop; the wait is what a response takes beyond the time that the loop was busy for a request',
    lasts: 30,
    experiment: () => ({
      phases: { warmUp: 2, steadyState: 24 },
      deployments: [{ topology: 'async' }],
      workloads: [
        {
          name: 'blocked',
          requests: [
            { route: 'plain', weight: (1 - HEAVY.part) * 10 },
            { route: 'cpu', weight: HEAVY.part * 10, parameters: { cpuSeconds: HEAVY.serviceTime } },
          ],
        },
      ],
      loads: [ARRIVALS],
    }),
    read: (results, facts) => {
      const measurement = measuredOn(results, { topology: 'async' });
      const served = busyPerRequest(measurement);
      const waited = meanOf(measurement.responseTime) - served;
      const { value } = aBlockedLoop.answer(facts);
      const figures = { measured: waited, answer: value, unit: 's', within: 0.35 } as const;
      return agreement('Beside that it waited for', [measurement], figures, [
        `A response took ${inUnit(meanOf(measurement.responseTime), 's')} in the mean; the loop was busy for ${inUnit(served, 's')} of it, against ${inUnit(momentsOf(lightOf(facts)).mean, 's')} as computed.`,
      ]);
    },
  },
};

function momentsOf(light: Seconds): { readonly mean: Seconds; readonly squares: number } {
  const of = (power: number) => (1 - HEAVY.part) * light ** power + HEAVY.part * HEAVY.serviceTime ** power;
  return { mean: of(1), squares: of(2) };
}

/** What a request without work of its own takes of an event loop, by the model that is fitted to the trials. */
function lightOf({ fitted, cpus }: TrialFacts): Seconds {
  const plain = { name: 'plain', requests: [{ weight: 1, route: 'plain' as const, parameters: {} }] };
  return asShown(reduceService(LOOP, plain, fitted.service, cpus).demandAt(ARRIVALS).workers);
}

/** The mean wait before one server. */
function waitFor(arrivalRate: PerSecond, serviceTime: Seconds, serviceVariation: number): Seconds {
  return estimateWait({ waiting: arrivalRate * serviceTime, excess: 1 / serviceTime - arrivalRate, serviceVariation })
    .mean;
}
