import type { Deployment } from '../../model/deployment.ts';
import type { PerSecond } from '../../model/quantities.ts';
import type { Prediction } from './capacity-model.ts';
import type { Extrapolation } from './extrapolation.ts';
import type { FittedModel } from './fitted-model.ts';
import { buildCapacityModel, decidePlan, type Plan } from './plan.ts';
import { plannedLoad, type Question, requiredCapacity } from './question.ts';
import { type Recommendation, totalMemory } from './recommendation.ts';

const machineQuantities = {
  'database-wait': 'databaseWait',
  'service-demand': 'serviceDemand',
  cpus: 'cpus',
  'database-connections': 'databaseConnections',
  memory: 'memory',
} as const;
const questionQuantities = { 'arrival-rate': 'arrivalRate', growth: 'growth' } as const;
type Changeable = keyof typeof machineQuantities | keyof typeof questionQuantities;

/** What a `--what-if` can change. */
export const changeable = [...Object.keys(machineQuantities), ...Object.keys(questionQuantities)] as Changeable[];

/** One change: a value, or a factor. */
export type WhatIfChange = {
  readonly quantity: Changeable;
} & ({ readonly times: number } | { readonly value: number });

/** The answer under some changes, by formulas; `too-far`: beyond what the model is trusted with. No changes: as asked. */
export type Supposed =
  | {
      readonly state: 'answered';
      readonly changes: readonly WhatIfChange[];
      readonly plan: Plan;
      /** What is recommended without the changes, under them; absent where nothing is, or where it is impossible. */
      readonly unchanged?: Unchanged;
    }
  | {
      readonly state: 'too-far';
      readonly changes: readonly WhatIfChange[];
      /** Furthest first. */
      readonly extrapolations: readonly Extrapolation[];
    };

/** What the deployment recommended without a change does under it; of one machine, at its share of the load. */
interface Unchanged {
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
    const supposed = some.reduce(applyChange, question);
    const plan = decidePlan(fitted, supposed, { decide: 'formulas', extrapolate });
    const { extrapolations } = plan;
    if (!extrapolate && extrapolations.some(({ tooFar }) => tooFar)) {
      return { state: 'too-far', changes: some, extrapolations };
    }
    const unchanged = recommended && keepUnchanged(fitted, supposed, recommended);
    return { state: 'answered', changes: some, plan, ...(unchanged && { unchanged }) };
  });
}

/** The question with a change. Refuses a multiple of what is not limited, fractions of a CPU, and values not above 0. */
export function applyChange(question: Question, change: WhatIfChange): Question {
  const { quantity } = change;
  const { machine } = question;
  if (quantity === 'arrival-rate' || quantity === 'growth') {
    const key = questionQuantities[quantity];
    return { ...question, [key]: changedValue(question[key], change) };
  }
  const key = machineQuantities[quantity];
  return { ...question, machine: { ...machine, [key]: changedValue(machine[key], change) } };
}

function changedValue(now: number | undefined, change: WhatIfChange): number {
  const { quantity } = change;
  if ('times' in change && now === undefined) {
    throw new RangeError(`${quantity} is not limited, so that there is nothing to multiply`);
  }
  const value = 'value' in change ? change.value : change.times * (now ?? Number.NaN);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY))
    throw new RangeError(`${quantity} is a number above 0: ${value}`);
  const isCount = quantity === 'cpus' || quantity === 'database-connections';
  if (isCount && !Number.isInteger(value)) throw new RangeError(`${quantity} is a whole number: ${value}`);
  return value;
}

function keepUnchanged(
  fitted: FittedModel,
  question: Question,
  { deployment, machines }: Pick<Recommendation, 'deployment' | 'machines'>,
): Unchanged | undefined {
  const { machine, workload } = question;
  const { databaseConnections = Number.POSITIVE_INFINITY, memory = Number.POSITIVE_INFINITY } = machine;
  if (machines * deployment.databaseConnections > databaseConnections) return undefined;
  const model = buildCapacityModel(fitted, question, machines);
  const load = { model: 'open', arrivalRate: plannedLoad(question) / machines } as const;
  const capacity = model.estimatedCapacity(deployment, workload);
  const prediction = model.estimate(deployment, workload, load);
  const { memoryOfOne } = totalMemory(prediction, deployment, machines, machine, fitted.service.memory);
  if (memoryOfOne > memory) return undefined;
  const margin = (capacity * machines) / requiredCapacity(question) - 1;
  return { deployment, machines, capacity, prediction, margin };
}
