import { type Deployment, refusalOf } from '../../model/deployment.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { PerSecond } from '../../model/quantities.ts';
import { around } from '../../model/statistics.ts';
import type { Topology } from '../../model/topology.ts';
import type { PredictedCapacity, Prediction } from './capacity-model.ts';
import { type Extrapolation, listExtrapolations } from './extrapolation.ts';
import type { FittedModel } from './fitted-model.ts';
import { buildCapacityModel } from './plan.ts';
import { plannedLoad, type Question } from './question.ts';
import type { Recommendation } from './recommendation.ts';
import { applyChange } from './what-if.ts';

/** What can be swept; `database-wait` multiplies the wait. */
export const sweepable = [
  'processes',
  'threads',
  'database-connections',
  'cpus',
  'arrival-rate',
  'database-wait',
] as const;
export type SweptQuantity = (typeof sweepable)[number];

/** One deployment while one quantity of it, its machine or its load varies. */
export interface Sweep {
  readonly quantity: SweptQuantity;
  /** At the start, on each machine. */
  readonly deployment: Deployment;
  readonly machines: number;
  readonly points: readonly SweepPoint[];
  /** The capacity at the point nearest the load, by formulas and by simulation. */
  readonly check?: { readonly value: number; readonly formulas: PerSecond; readonly simulation: PerSecond };
}

/** What formulas say at one value. */
export type SweepPoint =
  | {
      readonly state: 'predicted';
      readonly value: number;
      readonly deployment: Deployment;
      /** Of one machine. */
      readonly capacity: PredictedCapacity;
      /** Of one machine, at its share of the load. */
      readonly arrivalRate: PerSecond;
      readonly prediction: Prediction;
    }
  | { readonly state: 'too-far'; readonly value: number; readonly extrapolations: readonly Extrapolation[] }
  | { readonly state: 'impossible'; readonly value: number; readonly reason: string };

export interface AskedSweep {
  readonly quantity: SweptQuantity;
  readonly values: readonly number[];
  /** Whether to predict what lies too far beyond the measurements. */
  readonly extrapolate?: boolean;
}

/** Enough to see formulas and simulation differ, within a quarter of a second. */
const CHECK = { requests: 6000, precision: 0.02 } as const;

/** Whether a topology leaves a choice of it: `async` is one process, and a blocking worker has one connection. */
export function canBeSwept({ sizes }: Topology, quantity: SweptQuantity): boolean {
  if (quantity === 'processes') return sizes.processes !== undefined;
  if (quantity === 'threads') return sizes.threads !== undefined;
  return quantity !== 'database-connections' || sizes.databaseConnections !== 'per-slot';
}

/** A deployment over these values, by formulas; one of them is simulated too. */
export function sweep(
  fitted: FittedModel,
  question: Question,
  { deployment, machines }: Pick<Recommendation, 'deployment' | 'machines'>,
  { quantity, values, extrapolate = false }: AskedSweep,
): Sweep {
  const at = (value: number) => vary({ question, deployment }, quantity, value);
  const points = values.map((value): SweepPoint => {
    const { question: asked, deployment: changed } = at(value);
    const { workload, machine } = asked;
    const connections = machines * changed.databaseConnections;
    const limit = machine.databaseConnections ?? Number.POSITIVE_INFINITY;
    const tooMany =
      connections > limit ? `takes ${connections} database connections, and there are ${limit}` : undefined;
    const reason = refusalOf(changed) ?? tooMany;
    if (reason !== undefined) return { state: 'impossible', value, reason };
    const model = buildCapacityModel(fitted, asked, machines);
    const arrivalRate = plannedLoad(asked) / machines;
    const prediction = model.estimate(changed, workload, { model: 'open', arrivalRate });
    const extrapolations = listExtrapolations(fitted, machine, { workload, deployment: changed, arrivalRate });
    if (!extrapolate && extrapolations.some(({ tooFar }) => tooFar)) return { state: 'too-far', value, extrapolations };
    const capacity = around(model.estimatedCapacity(changed, workload), model.spreadOf(changed, workload));
    return {
      ...{ state: 'predicted', value, deployment: changed, arrivalRate, prediction },
      capacity: { ...capacity, bottleneck: prediction.bottleneck },
    };
  });
  const found = { quantity, deployment, machines, points };
  const [nearest] = points
    .flatMap(point => (point.state === 'predicted' && point.capacity.estimate > 0 ? [point] : []))
    .sort((a, b) => distanceFromLoad(a) - distanceFromLoad(b));
  if (nearest === undefined) return found;
  const { value, capacity } = nearest;
  const model = buildCapacityModel(fitted, at(value).question, machines);
  const simulation = model.capacityOf(nearest.deployment, question.workload, CHECK).estimate;
  return { ...found, check: { value, formulas: capacity.estimate, simulation } };
}

function distanceFromLoad({ capacity, arrivalRate }: Extract<SweepPoint, { state: 'predicted' }>): number {
  return Math.abs(Math.log(capacity.estimate / arrivalRate));
}

interface Variant {
  readonly question: Question;
  readonly deployment: Deployment;
}

/** The question and the deployment with that value. */
function vary({ question, deployment }: Variant, quantity: SweptQuantity, value: number): Variant {
  switch (quantity) {
    case 'processes':
      return { question, deployment: connect({ ...deployment, processes: value }) };
    case 'threads':
      return { question, deployment: connect({ ...deployment, threadsPerProcess: value }) };
    case 'database-connections':
      return { question, deployment: { ...deployment, databaseConnections: value } };
    default:
      return { question: applyChange(question, { quantity, value }), deployment };
  }
}

/** One connection for each slot where there are slots; at least one for each loop. */
function connect(deployment: Deployment): Deployment {
  const { workers, slots } = deriveParallelism(deployment);
  const databaseConnections = Number.isFinite(slots) ? slots : Math.max(workers, deployment.databaseConnections);
  return { ...deployment, databaseConnections };
}
