import { deploymentName } from '../../services/deployment.ts';
import { percent } from '../analysis/numbers.ts';
import type { PerSecond } from '../experiment/units.ts';
import { serviceOf } from '../planner/demands-at.ts';
import { measuredMachine } from '../planner/machine.ts';
import { planFor } from '../planner/plan.ts';
import { plannedLoad, type Question, requiredCapacity } from '../planner/question.ts';
import type { Plan, Recommendation } from '../planner/recommendation.ts';
import { resourceNames } from '../planner/resource-names.ts';
import { concurrencyAt } from '../queueing/littles-law.ts';
import type { Exercise } from './exercise.ts';
import { measuredOn, partOver } from './measured-on.ts';
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
        `A service of waits in the database has 350 requests a second today. The launch will double that, and 30 % of the capacity shall stay free. ${percent(quantile)} of the answers shall come within ${inUnit(responseTime, 's')}. It will run as an event loop for each CPU on a machine like the one that was measured, before a Postgres that gives it 100 connections at most; loops share connections out evenly, so it is a whole number for each loop.`,
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
    'Which capacity is required? If 30 % of it stay free, the launch takes the other 70 %.',
    "Little's law gives how many connections are in use at that throughput. That many are not enough: at 100 % utilisation waits have no end.",
    'With this many connections little more is needed: the objective is many service times long and forgives short queues. The planner knows: ./loadline plan docs/exercises/trials.jsonl --help',
  ],
  answer: facts => {
    const { plan, best } = plannedFor(facts);
    const value = best.deployment.databaseConnections;
    const required = plan.required;
    const hold = asShown(holdOf(facts));
    const inUse = concurrencyAt({ throughput: required, responseTime: hold });
    const { byConnections } = plan.database;
    return {
      value,
      tolerance: inDoubt(facts) / value,
      steps: [
        `The launch brings ${inUnit(TODAY, '/s')} × ${GROWTH} = ${inUnit(plannedLoad(plan.question), '/s')}. So that ${percent(HEADROOM)} stay free the capacity has to be ${inUnit(plannedLoad(plan.question), '/s')} ÷ ${1 - HEADROOM} = ${inUnit(required, '/s')}.`,
        `Little's law: ${inUnit(required, '/s')} × ${inUnit(hold, 's')} = ${asShown(inUse)} connections are in use at that. With no more the queue would grow without end.`,
        `The planner's model, fitted to ${plan.restsOn.trials} trials, counts what each loop, nginx, Postgres and the generator take of the CPUs as well, and simulates the queues: ${deploymentName(best.deployment)} is the smallest that meets the objective at ${inUnit(required, '/s')}, with ${value} connections for ${facts.cpus} loops.`,
        `Its capacity is ${inUnit(best.capacity.estimate, '/s')} (${inUnit(best.capacity.low, '/s')} to ${inUnit(best.capacity.high, '/s')}), ${percent(Math.max(0, best.margin))} above what is required; the model itself may be off by ${percent(best.error)}, so that ${inDoubt(facts)} connections more or fewer are right too.`,
        `At the launch's ${inUnit(plannedLoad(plan.question), '/s')} it expects p99 at ${inUnit(best.prediction.responseTime.quantiles.p99, 's')} and ${inUnit(best.memory, 'B')} of memory. When the load grows further ${resourceNames[best.next]} give out first.`,
        ...(Number.isFinite(byConnections)
          ? [
              `Whatever stands before it, a Postgres with ${CONNECTIONS} connections carries ${inUnit(byConnections, '/s')} at most.`,
            ]
          : []),
        `The same on the command line: ${commandOf(facts)}`,
      ],
      models: [
        { name: 'the plan', file: 'lab/planner/plan.ts' },
        { name: 'the model that is fitted', file: 'lab/planner/capacity-model.ts' },
        { name: "Little's law", file: 'lab/queueing/littles-law.ts' },
      ],
      mistakes: [
        {
          value: Math.ceil(concurrencyAt({ throughput: TODAY * GROWTH, responseTime: hold })),
          hint: 'That leaves nothing free: the headroom is missing.',
        },
        {
          value: Math.ceil(concurrencyAt({ throughput: TODAY * GROWTH * (1 + HEADROOM), responseTime: hold })),
          hint: '30 % of the capacity shall stay free; that is more than 30 % on top of the load.',
        },
        { value: CONNECTIONS, hint: 'All that there are is more than it takes.' },
        {
          value: Math.ceil(concurrencyAt({ throughput: TODAY, responseTime: hold })),
          hint: "That is today's load.",
        },
      ].filter(mistake => Math.abs(mistake.value - value) > inDoubt(facts)),
    };
  },
  measurement: {
    what: 'the planned deployment at the capacity that is required of it, and at the load of the launch',
    lasts: 40,
    experiment: facts => {
      const { plan, best } = plannedFor(facts);
      return {
        deployments: [best.deployment],
        workloads: [{ name: 'wait', requests: facts.waits.requests }],
        loads: [plannedLoad(plan.question), asShown(plan.required)],
      };
    },
    read: (results, facts) => {
      const { plan, best } = plannedFor(facts);
      const { topology } = best.deployment;
      const overAt = (arrivalRate: PerSecond) => {
        const { responseTime } = measuredOn(results, { topology, arrivalRate });
        return partOver(responseTime);
      };
      const loads = [plannedLoad(plan.question), asShown(plan.required)];
      return {
        agrees: loads.every(arrivalRate => overAt(arrivalRate) <= 1 - facts.objective.quantile),
        sentences: loads.map(
          arrivalRate =>
            `At ${inUnit(arrivalRate, '/s')} ${percent(overAt(arrivalRate))} of the answers came later than ${inUnit(facts.objective.responseTime, 's')}; allowed are ${percent(1 - facts.objective.quantile)}.`,
        ),
      };
    },
  },
};

const plans = new WeakMap<TrialFacts, { readonly plan: Plan; readonly best: Recommendation }>();

/** Simulated once: it takes a moment. */
function plannedFor(facts: TrialFacts) {
  const known = plans.get(facts);
  if (known !== undefined) return known;
  const plan = planFor(facts.fitted, questionOf(facts), { decide: 'simulation' });
  const [best] = plan.recommendations;
  if (best === undefined) {
    throw new RangeError(`no deployment of hybrid meets the objective: ${plan.rejected[0]?.reason}`);
  }
  const planned = { plan, best };
  plans.set(facts, planned);
  return planned;
}

/** One connection more or fewer for each loop: nearer the model does not know it. */
function inDoubt({ cpus }: TrialFacts): number {
  return Math.max(cpus, 2);
}

function questionOf(facts: TrialFacts): Question {
  return {
    ...{ arrivalRate: TODAY, growth: GROWTH, headroom: HEADROOM, objective: facts.objective, workload: facts.waits },
    machine: { ...measuredMachine(facts.cpus), databaseConnections: CONNECTIONS },
    topologies: ['hybrid'],
  };
}

/** What holds a connection at the required load: the wait, and Postgres's own part. */
function holdOf(facts: TrialFacts): number {
  const required = requiredCapacity(questionOf(facts));
  const any = { topology: 'async', processes: 1, threadsPerProcess: 1, databaseConnections: 1 } as const;
  const { kinds, demandAt } = serviceOf(any, facts.waits, facts.fitted.service, facts.cpus);
  return (kinds[0]?.wait ?? 0) + demandAt(required).postgres;
}

function commandOf(facts: TrialFacts): string {
  const p99 = `${Math.round(1000 * facts.objective.responseTime)}ms`;
  return `./loadline plan docs/exercises/trials.jsonl --workload wait --arrival-rate ${TODAY} --growth ${GROWTH} --headroom ${HEADROOM} --p99 ${p99} --database-connections ${CONNECTIONS}`;
}
