import { type Deployment, refusalOf } from '../../model/deployment.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { PerSecond } from '../../model/quantities.ts';
import { around } from '../../model/statistics.ts';
import type { Topology } from '../../model/topology.ts';
import { extrapolationsOf } from './extrapolation.ts';
import type { FittedModel } from './fitted-model.ts';
import { modelOf } from './plan.ts';
import type { PredictedCapacity, Prediction } from './prediction.ts';
import { plannedLoad, type Question } from './question.ts';
import type { Extrapolation, Recommendation } from './recommendation.ts';

/** What can be swept; `database-wait` in times of what it is. */
export const sweepable = [
  'processes',
  'threads',
  'database-connections',
  'cpus',
  'arrival-rate',
  'database-wait',
] as const;
export type SweptQuantity = (typeof sweepable)[number];

/** One deployment while one thing about it, its machine or its load grows. */
export interface Sweep {
  readonly quantity: SweptQuantity;
  /** From which it starts, on each machine. */
  readonly deployment: Deployment;
  readonly machines: number;
  readonly points: readonly SweepPoint[];
  /** The point nearest the load, by formulas as all of them and by simulation: how far they are apart. */
  readonly check?: { readonly value: number; readonly formulas: PerSecond; readonly simulation: PerSecond };
}

/** What formulas say with one value. */
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

/** What to go through. */
export interface AskedSweep {
  readonly quantity: SweptQuantity;
  readonly values: readonly number[];
  /** Whether what lies too far beyond the measurements is told all the same. */
  readonly extrapolate?: boolean;
}

/** Whether a topology leaves a choice of it: `async` is one process, and a blocking worker has one connection. */
export function canBeSwept({ sizes }: Topology, quantity: SweptQuantity): boolean {
  const { processes, threads, databaseConnections } = sizes;
  if (quantity === 'processes') return processes !== undefined;
  if (quantity === 'threads') return threads !== undefined;
  return quantity !== 'database-connections' || databaseConnections !== 'per-slot';
}

/** A deployment over these values, by formulas; one of them is simulated too. */
export function sweep(
  fitted: FittedModel,
  question: Question,
  { deployment, machines }: Pick<Recommendation, 'deployment' | 'machines'>,
  { quantity, values, extrapolate = false }: AskedSweep,
): Sweep {
  const at = (value: number) => variant(question, deployment, quantity, value);
  const points = values.map((value): SweepPoint => {
    const { question: asked, deployment: changed } = at(value);
    const reason = refusalOf(changed) ?? limitOf(changed, asked, machines);
    if (reason !== undefined) return { state: 'impossible', value, reason };
    const model = modelOf(fitted, asked, machines);
    const { workload, machine } = asked;
    const arrivalRate = plannedLoad(asked) / machines;
    const prediction = model.estimate(changed, workload, { model: 'open', arrivalRate });
    const estimate = model.estimatedCapacity(changed, workload);
    const extrapolations = extrapolationsOf(fitted, machine, { workload, deployment: changed, arrivalRate });
    if (!extrapolate && extrapolations.some(({ tooFar }) => tooFar)) return { state: 'too-far', value, extrapolations };
    const { bottleneck } = prediction;
    return {
      ...{ state: 'predicted', value, deployment: changed, arrivalRate, prediction },
      capacity: { ...around(estimate, model.spreadOf(changed, workload)), bottleneck },
    };
  });
  const nearest = points
    .filter(point => point.state === 'predicted' && point.capacity.estimate > 0)
    .toSorted((a, b) => distance(a) - distance(b))[0];
  const base = { quantity, deployment, machines, points };
  if (nearest?.state !== 'predicted') return base;
  const model = modelOf(fitted, at(nearest.value).question, machines);
  const simulated = model.capacityOf(nearest.deployment, question.workload, CHECK);
  const { value, capacity } = nearest;
  return { ...base, check: { value, formulas: capacity.estimate, simulation: simulated.estimate } };
}

/** Enough to see formulas and simulation apart, within a quarter of a second. */
const CHECK = { requests: 6000, precision: 0.02 } as const;

/** Why there are not enough connections for it; `undefined`: there are. */
function limitOf({ databaseConnections }: Deployment, { machine }: Question, machines: number): string | undefined {
  const limit = machine.databaseConnections;
  if (limit === undefined || machines * databaseConnections <= limit) return undefined;
  return `takes ${machines * databaseConnections} database connections, and there are ${limit}`;
}

function distance(point: SweepPoint): number {
  return point.state === 'predicted' ? Math.abs(Math.log(point.capacity.estimate / point.arrivalRate)) : Infinity;
}

/** The question and the deployment with that value; a topology's own numbers stay possible where they can. */
function variant(
  question: Question,
  deployment: Deployment,
  quantity: SweptQuantity,
  value: number,
): { question: Question; deployment: Deployment } {
  const { machine } = question;
  switch (quantity) {
    case 'processes':
      return { question, deployment: withConnections({ ...deployment, processes: value }) };
    case 'threads':
      return { question, deployment: withConnections({ ...deployment, threadsPerProcess: value }) };
    case 'database-connections':
      return { question, deployment: { ...deployment, databaseConnections: value } };
    case 'cpus':
      return { question: { ...question, machine: { ...machine, cpus: value } }, deployment };
    case 'arrival-rate':
      return { question: { ...question, arrivalRate: value }, deployment };
    case 'database-wait':
      return { question: { ...question, machine: { ...machine, databaseWait: value } }, deployment };
  }
}

/** One for each slot where there are slots; a loop needs one at least. */
function withConnections(deployment: Deployment): Deployment {
  const { workers, slots } = deriveParallelism(deployment);
  const databaseConnections = Number.isFinite(slots) ? slots : Math.max(workers, deployment.databaseConnections);
  return { ...deployment, databaseConnections };
}
