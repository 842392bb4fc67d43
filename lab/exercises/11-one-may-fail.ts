import { deploymentName, withoutSpec } from '../../model/deployment.ts';
import { type PerSecond, percent } from '../../model/quantities.ts';
import type { Exercise } from './exercise.ts';
import { objectiveMet } from './measured-on.ts';
import { asShown, inUnit } from './quantity.ts';
import type { TrialFacts } from './trial-facts.ts';

const NONE_MAY_FAIL = 'These carry the busiest hour, but none of them may fail.';
const NOT_CERTAIN = 'the capacity may well be less.';
/** Machines that the busiest hour takes, or nearly. */
const FEW = 4;

/** Spare capacity: machines of which one may fail. */
export const oneMayFail: Exercise = {
  number: 11,
  name: '11-one-may-fail',
  title: 'One may fail',
  unit: 'machines',
  asked: facts => {
    const { deployment, capacity } = facts.smallestCapacity;
    return {
      question: [
        'Machines that are all alike run the same deployment behind a load balancer that shares requests out evenly. The capacity of one was measured, with its interval: the load at which it just meets its objective. The objective shall be met in the busiest hour, even if one of the machines fails in it. Plan with what is certain of the capacity.',
        'How many machines does it take at least?',
      ],
      given: [
        { what: 'arrivals in the busiest hour', value: `${busiestHourOf(facts)}/s` },
        { what: `capacity of one machine (${deploymentName(deployment)})`, value: inUnit(capacity.estimate, '/s') },
        { what: 'its interval, 95 %', value: `${inUnit(capacity.low, '/s')} to ${inUnit(capacity.high, '/s')}` },
      ],
    };
  },
  hints: [
    'What arrives does not become less when a machine fails: the others get it.',
    'Which end of the interval is certain? How many machines carry the busiest hour by that?',
  ],
  answer: facts => {
    const { low, estimate } = shownCapacity(facts);
    const arrivalRate = busiestHourOf(facts);
    const needed = Math.ceil(arrivalRate / low);
    const value = needed + 1;
    const byEstimate = Math.ceil(arrivalRate / estimate) + 1;
    return {
      value,
      tolerance: 0,
      steps: [
        `Certain of the capacity is the lower end of its interval: ${inUnit(low, '/s')}.`,
        `Those that are left must carry everything: ⌈${arrivalRate}/s ÷ ${inUnit(low, '/s')}⌉ = ⌈${asShown(arrivalRate / low)}⌉ = ${needed}. One more may fail: ${value}.`,
        `While all ${value} run each gets ${inUnit(arrivalRate / value, '/s')}, ${percent(arrivalRate / value / estimate)} of its capacity; when one fails, ${inUnit(arrivalRate / needed, '/s')}, ${percent(arrivalRate / needed / estimate)}.`,
        `So ${value} machines must not be run at more than ${percent(needed / value)} of their capacity, however well they do: the rest is what the failure takes. Of fewer, larger machines the spare one would be a larger part.`,
      ],
      models: [
        { name: 'the interval of a capacity', file: 'lab/search/capacity.ts' },
        { name: 'machines in a plan', file: 'lab/plan/plan.ts' },
      ],
      mistakes: [
        // By the figures both are the same number, as a rule: whoever gives it may have made either.
        ...(byEstimate === needed
          ? [{ value: needed, hint: `${NONE_MAY_FAIL} Or the estimate was planned with: ${NOT_CERTAIN}` }]
          : [
              { value: needed, hint: NONE_MAY_FAIL },
              { value: byEstimate, hint: `That plans with the estimate: ${NOT_CERTAIN}` },
            ]),
        { value: 2 * needed, hint: 'One may fail, not half of them.' },
      ].filter(mistake => mistake.value !== value),
    };
  },
  measurement: {
    what: 'one machine with its share when all run, and when one has failed; the failure itself is not measured',
    lasts: 45,
    isOfMachine: true,
    experiment: facts => ({
      objective: facts.objective,
      deployments: [withoutSpec(facts.smallestCapacity.deployment)],
      workloads: [{ name: 'wait', requests: facts.waits.requests }],
      loads: sharesOf(facts),
    }),
    read: (results, facts) => {
      const { topology } = facts.smallestCapacity.deployment;
      return objectiveMet(results, topology, sharesOf(facts), facts.objective);
    },
  },
};

/** Which a few machines just carry by the estimate of their capacity, and do not by what is certain of it. */
function busiestHourOf(facts: TrialFacts): PerSecond {
  const { estimate, low } = shownCapacity(facts);
  return 10 * Math.round((FEW * (estimate + low)) / 2 / 10);
}

function shownCapacity(facts: TrialFacts) {
  const { estimate, low, high } = facts.smallestCapacity.capacity;
  return { estimate: asShown(estimate), low: asShown(low), high: asShown(high) };
}

/** What one machine gets when all run, and when one has failed. */
function sharesOf(facts: TrialFacts): PerSecond[] {
  const { value } = oneMayFail.answer(facts);
  return [asShown(busiestHourOf(facts) / value), asShown(busiestHourOf(facts) / (value - 1))];
}
