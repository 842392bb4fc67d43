import { type Deployment, deploymentName, withoutSpec } from '../../model/deployment.ts';
import type { Seconds } from '../../model/quantities.ts';
import { saturationThroughput } from '../queueing/operational-laws.ts';
import type { Exercise } from './exercise.ts';
import { agreement, measuredOn } from './measured-on.ts';
import { asShown, inUnit } from './quantity.ts';
import type { Overload, TrialFacts } from './trial-facts.ts';

/** Demands that differ by no more are one, as well as they are measured. */
const SAME_DEMAND = 0.01;

/** The utilisation law: from counters of one trial to what a pool carries at most. */
export const whatAPoolCarries: Exercise = {
  number: 4,
  name: '04-what-a-pool-carries',
  title: 'What a pool carries',
  unit: '/s',
  asked: facts => {
    const { id, workers, completed, observed, busy } = shownTrial(facts);
    return {
      question: [
        'Nobody has overloaded this pool of blocking processes yet. One trial that it kept up with is all that there is: how many requests it completed, and for how many seconds its workers were busy, added up over all of them.',
        'How many requests a second will the pool serve at most?',
      ],
      given: [
        { what: 'the trial', value: id },
        { what: 'workers', value: `${workers}` },
        { what: 'seconds that were counted', value: inUnit(observed, 's') },
        { what: 'completed in them', value: `${completed}` },
        { what: 'seconds of busy workers, added up', value: inUnit(busy, 's') },
      ],
    };
  },
  hints: ['How long does one request keep one worker?', 'The utilisation law: U = X D ÷ m. At which X is U = 1?'],
  answer: facts => {
    const { deployment, workers, completed, observed, busy } = shownTrial(facts);
    const serviceDemand = busy / completed;
    const value = saturationThroughput({ serviceDemand, servers: workers });
    const overloaded = facts.overloaded(facts.blockingProcesses);
    return {
      value,
      tolerance: 0.02,
      steps: [
        `A request keeps a worker for D = ${inUnit(busy, 's')} ÷ ${completed} = ${inUnit(serviceDemand, 's')}: the ${inUnit(facts.wait, 's')} that it waits, and what it takes around it.`,
        `In the trial the workers were busy for ${asShown((100 * busy) / (workers * observed))} % of the time.`,
        `The utilisation law, U = X D ÷ m, reaches 1 at X = m ÷ D = ${workers} ÷ ${inUnit(serviceDemand, 's')} = ${inUnit(value, '/s')}.`,
        ...(overloaded === undefined ? [] : [overloadSentence(deployment, serviceDemand, overloaded)]),
        'It is a bound, not a plan: near it requests wait without end. The next exercises are about that.',
      ],
      models: [{ name: 'the utilisation law', file: 'lab/queueing/operational-laws.ts' }],
      mistakes: [
        { value: completed / observed, hint: 'That is what the trial served; its workers had time to spare.' },
        { value: 1 / serviceDemand, hint: 'That is what one worker carries.' },
        { value: workers / facts.wait, hint: 'That counts the wait alone, not what a worker does around it.' },
      ],
    };
  },
  measurement: {
    what: 'three users who do not think for each worker',
    lasts: 15,
    experiment: facts => {
      const { deployment, workers } = facts.blockingProcesses;
      return {
        deployments: [withoutSpec(deployment)],
        workloads: [{ name: 'wait', requests: facts.waits.requests }],
        loads: [{ users: 3 * workers }],
      };
    },
    read: (results, facts) => {
      const measurement = measuredOn(results, withoutSpec(facts.blockingProcesses.deployment));
      const { value } = whatAPoolCarries.answer(facts);
      const figures = { measured: measurement.throughput, answer: value, unit: '/s', within: 0.06 } as const;
      return agreement('Served were', [measurement], figures);
    },
  },
};

/** What the same pool did when more came than it could serve: a bound is as good as the D that it is computed with. */
function overloadSentence(deployment: Deployment, serviceDemand: Seconds, { throughput, kept }: Overload): string {
  const served = `The file knows better by now: when more than that arrived, ${deploymentName(deployment)} served ${inUnit(throughput, '/s')}.`;
  const there = `There a request kept its worker for ${inUnit(kept, 's')}`;
  if (Math.abs(kept / serviceDemand - 1) <= SAME_DEMAND) return `${served} ${there}, as before: the bound holds.`;
  const why =
    kept < serviceDemand
      ? 'less than before, since a worker that always has a next request is woken less often'
      : 'more than before, since the rest of the machine was busier too';
  return `${served} ${there}, ${why}: D is not quite constant, and the bound is that of the D which was counted.`;
}

function shownTrial(facts: TrialFacts) {
  const { kept, observed, ...trial } = facts.blockingProcesses;
  return { ...trial, observed: asShown(observed), busy: asShown(kept) };
}
