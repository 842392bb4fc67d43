import { deploymentName, deploymentOf, withoutSpec } from '../../model/deployment.ts';
import { resourceNames } from '../../model/measurement.ts';
import { type PerSecond, percent, quantileName } from '../../model/quantities.ts';
import type { Plan } from '../plan/plan.ts';
import { planFor } from '../plan/plan.ts';
import { measuredMachine, plannedLoad, type Question, requiredCapacity } from '../plan/question.ts';
import type { Recommendation } from '../plan/recommendation.ts';
import { reduceService } from '../plan/reduced-service.ts';
import { concurrencyAt } from '../queueing/operational-laws.ts';
import type { Exercise } from './exercise.ts';
import { objectiveMet } from './measured-on.ts';
import { asShown, inUnit } from './quantity.ts';
import type { TrialFacts } from './trial-facts.ts';

const TODAY: PerSecond = 350;
const GROWTH = 2;
const HEADROOM = 0.3;
const CONNECTIONS = 100;

/** Everything at once: growth, headroom, an objective and a database that gives so much. */
export const aLaunch: Exercise = {
  number: 12,
  name: '12-a-launch',
  title: 'Planning a launch',
  unit: 'connections',
  asked: facts => {
    const { responseTime, quantile } = facts.objective;
    return {
      question: [
        `A service of waits in the database has ${TODAY} requests a second today. The launch will bring ${GROWTH} times as many, and ${percent(HEADROOM)} of the capacity shall stay free. ${percent(quantile)} of the answers shall come within ${inUnit(responseTime, 's')}. It will run as an event loop for each CPU on a machine like the one that was measured, before a Postgres that gives it ${CONNECTIONS} connections at most; loops share connections out evenly, so it is a whole number for each loop.`,
        'How many connections does it take at least?',
      ],
      given: [
        { what: 'today', value: inUnit(TODAY, '/s') },
        { what: 'growth', value: `${GROWTH} times` },
        { what: 'headroom', value: percent(HEADROOM) },
        { what: 'loops', value: `${facts.cpus}` },
        { what: 'a request holds its connection for', value: inUnit(asShown(holdOf(facts)), 's') },
        { what: 'connections that Postgres gives', value: `${CONNECTIONS}` },
      ],
    };
  },
  hints: [
    `Which capacity is required? If ${percent(HEADROOM)} of it stay free, the launch takes the other ${percent(1 - HEADROOM)}.`,
    "Little's law gives how many connections are in use at that throughput. That many are not enough: at 100 % utilisation waits have no end.",
    'With this many connections little more is needed: the objective is many service times long and forgives short queues. The planner knows: ./loadline plan docs/exercises/trials.jsonl --help',
  ],
  answer: facts => {
    const { plan, best } = plannedFor(facts);
    const value = best.deployment.databaseConnections;
    const required = plan.required;
    const hold = asShown(holdOf(facts));
    const inUse = concurrencyAt({ throughput: required, responseTime: hold });
    const accepted = acceptedOf({ value, inUse, loops: facts.cpus });
    const { byConnections } = plan.database;
    return {
      value,
      tolerance: 0,
      accepted,
      steps: [
        `The launch brings ${inUnit(TODAY, '/s')} × ${GROWTH} = ${inUnit(plannedLoad(plan.question), '/s')}. So that ${percent(HEADROOM)} stay free the capacity has to be ${inUnit(plannedLoad(plan.question), '/s')} ÷ ${1 - HEADROOM} = ${inUnit(required, '/s')}.`,
        `Little's law: ${inUnit(required, '/s')} × ${inUnit(hold, 's')} = ${asShown(inUse)} connections are in use at that. With no more the queue would grow without end.`,
        `The planner's model, fitted to ${plan.restsOn.trials} trials, counts what each loop, nginx, Postgres and the generator take of the CPUs as well, and simulates the queues: ${deploymentName(best.deployment)} is the smallest that meets the objective at ${inUnit(required, '/s')}, with ${value} connections for ${facts.cpus} loops.`,
        `Its capacity is ${inUnit(best.capacity.estimate, '/s')} (${inUnit(best.capacity.low, '/s')} to ${inUnit(best.capacity.high, '/s')}), ${percent(Math.max(0, best.margin))} above what is required; the model itself may be off by ${percent(best.error)}, so that ${listed(accepted)} are taken for right: as many for each loop, more than are in use, and no more than one for each loop beyond what the model says.`,
        `At the launch's ${inUnit(plannedLoad(plan.question), '/s')} it expects p99 at ${inUnit(best.prediction.responseTime.quantiles.p99, 's')} and ${inUnit(best.memory, 'B')} of memory. When the load grows further ${resourceNames[best.next].phrase} give out first.`,
        ...(Number.isFinite(byConnections)
          ? [
              `Whatever stands before it, a Postgres with ${CONNECTIONS} connections carries ${inUnit(byConnections, '/s')} at most.`,
            ]
          : []),
        `The same on the command line: ${commandOf(launchQuestion(facts))}`,
      ],
      models: [
        { name: 'the plan', file: 'lab/plan/plan.ts' },
        { name: 'the model that is fitted', file: 'lab/plan/capacity-model.ts' },
        { name: "Little's law", file: 'lab/queueing/operational-laws.ts' },
      ],
      mistakes: [
        {
          value: Math.ceil(concurrencyAt({ throughput: TODAY * GROWTH, responseTime: hold })),
          hint: 'That leaves nothing free: the headroom is missing.',
        },
        {
          value: Math.ceil(concurrencyAt({ throughput: TODAY * GROWTH * (1 + HEADROOM), responseTime: hold })),
          hint: `${percent(HEADROOM)} of the capacity shall stay free; that is more than ${percent(HEADROOM)} on top of the load.`,
        },
        { value: CONNECTIONS, hint: 'All that there are is more than it takes.' },
        {
          value: Math.ceil(concurrencyAt({ throughput: TODAY, responseTime: hold })),
          hint: "That is today's load.",
        },
        {
          value: Math.ceil(inUse),
          hint: 'So many are in use in the mean: with no more there is hardly ever an idle one. And it is a whole number for each loop.',
        },
        { value: Math.floor(inUse), hint: 'Fewer than are in use in the mean: that queue grows without end.' },
        ...between(accepted).map(uneven => ({ value: uneven, hint: 'That is no whole number for each loop.' })),
      ].filter(
        // What one hint explains already gets no other.
        ({ value: wrong }, index, all) =>
          !accepted.includes(wrong) && all.findIndex(other => other.value === wrong) === index,
      ),
    };
  },
  measurement: {
    what: 'the planned deployment at the capacity that is required of it, and at the load of the launch',
    lasts: 40,
    isOfMachine: true,
    experiment: facts => {
      const { plan, best } = plannedFor(facts);
      return {
        objective: facts.objective,
        deployments: [withoutSpec(best.deployment)],
        workloads: [{ name: 'wait', requests: facts.waits.requests }],
        loads: [plannedLoad(plan.question), asShown(plan.required)],
      };
    },
    read: (results, facts) => {
      const { plan, best } = plannedFor(facts);
      const loads = [plannedLoad(plan.question), asShown(plan.required)];
      return objectiveMet(results, best.deployment.topology, loads, facts.objective);
    },
  },
};

const plans = new WeakMap<TrialFacts, { readonly plan: Plan; readonly best: Recommendation }>();

/** Simulated once: it takes a moment. */
function plannedFor(facts: TrialFacts) {
  const known = plans.get(facts);
  if (known !== undefined) return known;
  const plan = planFor(facts.fitted, launchQuestion(facts), { decide: 'simulation' });
  const [best] = plan.recommendations;
  if (best === undefined || best.machines > 1) {
    const why = best === undefined ? plan.rejected[0]?.reason : `it takes ${best.machines} machines`;
    throw new RangeError(`no deployment of hybrid on one machine meets the objective: ${why}`);
  }
  const planned = { plan, best };
  plans.set(facts, planned);
  return planned;
}

/**
 * What is right: as many connections for each loop, more than are in use, and up to one for each loop more than the model
 * says, which does not know it nearer than that.
 */
function acceptedOf({ value, inUse, loops }: { value: number; inUse: number; loops: number }): number[] {
  const fewest = Math.floor(inUse / loops) + 1;
  const most = Math.max(fewest, Math.floor(value / loops) + 1);
  return Array.from({ length: most - fewest + 1 }, (_, index) => (fewest + index) * loops);
}

/** Whole numbers that lie between some, and are none of them. */
function between(numbers: readonly number[]): number[] {
  const [first = 0, last = 0] = [numbers[0], numbers.at(-1)];
  return Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index).filter(
    number => !numbers.includes(number),
  );
}

/** `22 and 24`, `22, 24 and 26`. */
function listed(numbers: readonly number[]): string {
  return [numbers.slice(0, -1).join(', '), numbers.at(-1)].filter(part => part !== '').join(' and ');
}

/** What the launch asks of the planner. */
export function launchQuestion(facts: TrialFacts): Question {
  return {
    ...{ arrivalRate: TODAY, growth: GROWTH, headroom: HEADROOM, objective: facts.objective, workload: facts.waits },
    machine: { ...measuredMachine(facts.cpus), databaseConnections: CONNECTIONS },
    topologies: ['hybrid'],
  };
}

/** What holds a connection at the required load: the wait, and Postgres's own part. */
function holdOf(facts: TrialFacts): number {
  const required = requiredCapacity(launchQuestion(facts));
  const any = deploymentOf('async', 1, { databaseConnections: 1 });
  const { kinds, demandAt } = reduceService(any, facts.waits, facts.fitted.service, facts.cpus);
  return (kinds[0]?.wait ?? 0) + demandAt(required).postgres;
}

/** What puts the question to the planner; the machine is the measured one there too, unless it is said. */
function commandOf({ workload, arrivalRate, growth, headroom, objective, machine, topologies }: Question): string {
  const { quantile, responseTime } = objective;
  const { databaseConnections } = machine;
  return [
    './loadline plan docs/exercises/trials.jsonl',
    `--workload ${workload.name} --arrival-rate ${arrivalRate} --growth ${growth} --headroom ${headroom}`,
    `--objective ${quantileName(quantile)}=${Number((1000 * responseTime).toPrecision(12))}ms`,
    ...(databaseConnections === undefined ? [] : [`--database-connections ${databaseConnections}`]),
    ...(topologies === undefined ? [] : [`--topology ${topologies.join(',')}`]),
  ].join(' ');
}
