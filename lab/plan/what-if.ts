import type { Deployment } from '../../model/deployment.ts';
import type { PerSecond } from '../../model/quantities.ts';
import { decidedPlan } from './decided-plan.ts';
import type { FittedModel } from './fitted-model.ts';
import { memoryNeeded } from './memory-needed.ts';
import { modelOf } from './plan.ts';
import type { Prediction } from './prediction.ts';
import { plannedLoad, type Question, requiredCapacity } from './question.ts';
import type { Extrapolation, Plan, Recommendation } from './recommendation.ts';

/** What can be supposed to be otherwise. */
export const changeable = [
  'database-wait',
  'service-demand',
  'cpus',
  'database-connections',
  'memory',
  'arrival-rate',
  'growth',
] as const;

/** One change that is supposed: a value, or so many times what it is. */
export type WhatIfChange = {
  readonly quantity: (typeof changeable)[number];
} & ({ readonly times: number } | { readonly value: number });

/** The answer under some changes, by formulas; `too-far`: beyond what the model is trusted with. No changes: as asked. */
export type Supposed =
  | {
      readonly state: 'answered';
      readonly changes: readonly WhatIfChange[];
      readonly plan: Plan;
      /** What is recommended without the changes, with them; absent where nothing is, or where it cannot be. */
      readonly unchanged?: Unchanged;
    }
  | {
      readonly state: 'too-far';
      readonly changes: readonly WhatIfChange[];
      /** Furthest first. */
      readonly extrapolations: readonly Extrapolation[];
    };

/** What the deployment that is recommended without a change does under it; of one machine, at its share of the load. */
export interface Unchanged {
  readonly deployment: Deployment;
  readonly machines: number;
  readonly prediction: Prediction;
  readonly capacity: PerSecond;
  /** How far the capacity of all machines lies above what is required; negative where it does not. */
  readonly margin: number;
}

/** The question as it is, with each change alone and, of several, with all of them; every answer by formulas. */
export function suppose(
  fitted: FittedModel,
  question: Question,
  recommended: Pick<Recommendation, 'deployment' | 'machines'> | undefined,
  { changes, extrapolate = false }: { readonly changes: readonly WhatIfChange[]; readonly extrapolate?: boolean },
): Supposed[] {
  const together = changes.length > 1 ? [changes] : [];
  return [[], ...changes.map(change => [change]), ...together].map((some): Supposed => {
    const supposed = some.reduce(changed, question);
    const plan = decidedPlan(fitted, supposed, { decide: 'formulas', extrapolate });
    const { extrapolations } = plan;
    if (!extrapolate && extrapolations.some(({ tooFar }) => tooFar)) {
      return { state: 'too-far', changes: some, extrapolations };
    }
    const unchanged = recommended && unchangedUnder(fitted, supposed, recommended);
    return { state: 'answered', changes: some, plan, ...(unchanged && { unchanged }) };
  });
}

/** The question with a change. Refuses a multiple of what is not known, a CPU in parts, and nothing at all of anything. */
export function changed(question: Question, change: WhatIfChange): Question {
  const { machine } = question;
  const of = (now: number | undefined) => ('value' in change ? change.value : change.times * known(now, change));
  const value = (now: number | undefined): number => {
    const then = of(now);
    if (then > 0 && then < Number.POSITIVE_INFINITY) return then;
    throw new RangeError(`${change.quantity} is a number above 0: ${then}`);
  };
  const whole = (now: number | undefined): number => {
    const then = value(now);
    if (Number.isInteger(then)) return then;
    throw new RangeError(`${change.quantity} is a whole number: ${then}`);
  };
  switch (change.quantity) {
    case 'arrival-rate':
      return { ...question, arrivalRate: value(question.arrivalRate) };
    case 'growth':
      return { ...question, growth: value(question.growth) };
    case 'cpus':
      return { ...question, machine: { ...machine, cpus: whole(machine.cpus) } };
    case 'memory':
      return { ...question, machine: { ...machine, memory: value(machine.memory) } };
    case 'database-connections':
      return { ...question, machine: { ...machine, databaseConnections: whole(machine.databaseConnections) } };
    case 'database-wait':
      return { ...question, machine: { ...machine, databaseWait: value(machine.databaseWait) } };
    case 'service-demand':
      return { ...question, machine: { ...machine, serviceDemand: value(machine.serviceDemand) } };
  }
}

function known(now: number | undefined, { quantity }: WhatIfChange): number {
  if (now !== undefined) return now;
  throw new RangeError(`${quantity} is not limited, so that there is nothing to multiply`);
}

function unchangedUnder(
  fitted: FittedModel,
  question: Question,
  { deployment, machines }: Pick<Recommendation, 'deployment' | 'machines'>,
): Unchanged | undefined {
  const { machine, workload } = question;
  if (machines * deployment.databaseConnections > (machine.databaseConnections ?? Number.POSITIVE_INFINITY)) {
    return undefined;
  }
  const model = modelOf(fitted, question, machines);
  const load = { model: 'open', arrivalRate: plannedLoad(question) / machines } as const;
  const capacity = model.estimatedCapacity(deployment, workload);
  const prediction = model.estimate(deployment, workload, load);
  const { memory } = fitted.service;
  const { onOne } = memoryNeeded(prediction.memory, deployment.databaseConnections, machines, machine, memory);
  if (onOne > (machine.memory ?? Number.POSITIVE_INFINITY)) return undefined;
  return {
    ...{ deployment, machines, capacity, prediction },
    margin: (capacity * machines) / requiredCapacity(question) - 1,
  };
}
