import { type Deployment, deploymentName, describeWorkers } from '../../../model/deployment.ts';
import { resourceNames } from '../../../model/measurement.ts';
import {
  counted,
  milliseconds,
  quantileName,
  shownBytes,
  shownCount,
  shownNumber,
  shownRate,
  shownTime,
  signedPercent,
  wholePercent,
} from '../../../model/quantities.ts';
import { type Extrapolation, furthest } from '../../plan/extrapolation.ts';
import type { ModelScore } from '../../plan/fitted-model.ts';
import { DATABASE_FULL } from '../../plan/formulas.ts';
import type { Plan } from '../../plan/plan.ts';
import { plannedLoad, type Question } from '../../plan/question.ts';
import type { Recommendation, Rejection } from '../../plan/recommendation.ts';

/** What to run: `Run 3 × hybrid-2x1-24: 2 event loops and 24 database connections on each machine, 500 MB of memory in all.` */
export function describeRecommendation({ deployment, machines, memory }: Recommendation): string {
  const size = `${describeWorkers(deployment)} and ${counted(deployment.databaseConnections, 'database connection')}`;
  const each = machines === 1 ? '' : ' on each machine';
  const inAll = machines === 1 ? '' : ' in all';
  return `Run ${shownDeployment(deployment, machines)}: ${size}${each}, ${shownBytes(memory)} of memory${inAll}.`;
}

/** How well it does: `At 400/s p99 is 38 ms. The capacity is 1,100/s, 38 % above the required 800/s.` */
export function describePrediction({ machines, prediction, capacity, margin }: Recommendation, plan: Plan): string {
  const { objective } = plan.question;
  const time = `${quantileName(objective.quantile)} is ${shownTime(prediction.responseTime.atObjective)}`;
  const inAll = machines === 1 ? '' : ` of ${shownCount(machines)} machines`;
  const against = `${signedPercent(Math.abs(margin)).slice(1)} ${margin < 0 ? 'below' : 'above'}`;
  return `At ${shownRate(plannedLoad(plan.question))} ${time}. The capacity${inAll} is ${shownRate(machines * capacity.estimate)}, ${against} the required ${shownRate(plan.required)}.`;
}

/** Says that no deployment meets the objective, and which comes nearest. */
export function describeFailure(plan: Plan): string {
  const { required, database, question } = plan;
  const { quantile, responseTime } = question.objective;
  const failure = `No deployment meets ${quantileName(quantile)} ≤ ${milliseconds(responseTime)} ms with a capacity of ${shownRate(required)}.`;
  const nearest = findNearest(plan);
  if (nearest === undefined) return failure;
  const { deployment, capacity } = nearest;
  const carries = `${deploymentName(deployment)} carries ${shownRate(capacity)}`;
  const most = DATABASE_FULL * Math.min(database.byCpu, database.byConnections);
  if (required > most) {
    return `${failure} One machine is too small (${carries}), and the one Postgres behind several is planned for ${shownRate(most)} at most.`;
  }
  if (capacity >= required) {
    return `${failure} Nearest: ${carries}, but misses the objective at ${shownRate(required)}. At a light load each request takes more CPU.`;
  }
  return `${failure} Nearest: ${carries}, ${wholePercent(1 - capacity / required)} less.`;
}

/** The rejected deployment with the highest capacity. */
export function findNearest({ rejected }: Plan): (Rejection & Sized) | undefined {
  return rejected
    .filter((one): one is Rejection & Sized => one.deployment !== undefined && one.capacity !== undefined)
    .toSorted((a, b) => b.capacity - a.capacity)[0];
}

type Sized = Required<Pick<Rejection, 'deployment' | 'capacity'>>;

/** What to know before you trust the answer. */
export function listPlanWarnings(plan: Plan): string[] {
  const [best] = plan.recommendations;
  const warnings: string[] = [];
  if (plan.restsOn.runtime === 'simulated') {
    warnings.push('The run is simulated: the answer is about that simulated machine, not about a measured one.');
  }
  if (plan.extrapolations.some(({ tooFar }) => tooFar)) {
    warnings.push(
      'The question lies further beyond the measurements than the model is trusted: the answer is a guess.',
    );
  }
  if (best !== undefined && best.margin < best.error) {
    const { headroom, objective } = plan.question;
    // In steps of 5 %, and enough that the model's error is covered.
    const needed = Math.min(0.95, Math.ceil((1 - (1 - headroom) / (1 + best.error)) * 20) / 20);
    warnings.push(
      `The margin (${signedPercent(best.margin)}) is within the model's error (${signedPercent(best.error).slice(1)}): ${quantileName(objective.quantile)} may be missed. ` +
        `Ask for a headroom of ${wholePercent(needed)}, or measure that deployment.`,
    );
  }
  return warnings;
}

/** A column of the table of recommended deployments. */
export interface PlanColumn {
  readonly name:
    | 'deployment'
    | 'cost'
    | 'memory'
    | 'connections'
    | 'response time'
    | 'capacity'
    | 'margin'
    | 'bottleneck';
  readonly head: string;
  readonly unit?: string;
  readonly show: (one: Recommendation) => string;
  /** More about the same, where there is room for it. */
  readonly detail?: (one: Recommendation) => string | undefined;
}

/** The columns of the table of recommended deployments, all machines together. */
export function listPlanColumns({ objective, prices }: Question): PlanColumn[] {
  return [
    {
      name: 'deployment',
      head: 'deployment',
      show: ({ deployment, machines }) => shownDeployment(deployment, machines),
      detail: ({ deployment }) => describeWorkers(deployment),
    },
    ...(prices ? [{ name: 'cost', head: 'cost', show: ({ cost = 0 }) => shownNumber(cost) } satisfies PlanColumn] : []),
    { name: 'memory', head: 'memory', unit: 'MB', show: ({ memory }) => shownNumber(memory / 1e6) },
    {
      name: 'connections',
      head: 'connections',
      show: ({ databaseConnections }) => shownCount(databaseConnections),
    },
    {
      name: 'response time',
      head: quantileName(objective.quantile),
      unit: 'ms',
      show: ({ prediction }) => milliseconds(prediction.responseTime.atObjective),
    },
    {
      name: 'capacity',
      head: 'capacity',
      unit: '1/s',
      show: ({ capacity, machines }) => shownNumber(capacity.estimate * machines),
      detail: describeInterval,
    },
    {
      name: 'margin',
      head: 'margin',
      show: ({ margin }) => signedPercent(margin),
      detail: ({ margin, error }) => (margin < 0 ? 'too small' : margin < error ? 'within the error' : undefined),
    },
    { name: 'bottleneck', head: 'bottleneck', show: ({ next }) => resourceNames[next].short },
  ];
}

/** The 95 % interval of the capacity of all machines: `1,170..1,310`. */
export function describeInterval({ capacity: { low, high }, machines }: Recommendation): string {
  return `${shownNumber(low * machines)}–${shownNumber(high * machines)}`;
}

/** How the recommended deployments are ordered, and which of them were simulated. */
export function describeOrder({ recommendations, question: { prices } }: Plan): string {
  const machines = recommendations.some(one => one.machines > 1) ? 'fewest machines, ' : '';
  const order = prices ? 'least cost' : `${machines}least memory, fewest connections`;
  const formulas = recommendations.filter(({ prediction }) => prediction.by === 'formulas').length;
  const by = formulas > 0 && formulas < recommendations.length ? 'the first is simulated, others are by formulas' : '';
  return `The smallest of each topology, best first: ${order}${by === '' ? '' : `; ${by}`}`;
}

/** Why a topology was rejected; its name comes first, with the deployment that was considered. */
export function describeRejection({ topology, kind, deployment, needs, extrapolation, reason }: Rejection): string {
  if (kind === 'not-measured') {
    return `${topology} is not in the model: the run has no trial of it, or only hidden ones. To measure it: ./loadline compare FILE`;
  }
  const largest = deployment === undefined ? topology : `${topology} (up to ${deploymentName(deployment)})`;
  const name = needs === undefined ? largest : deploymentName(needs);
  return `${name} ${reason}${extrapolation === undefined ? '' : `: ${shownExtrapolation(extrapolation)}`}`;
}

/** What the one Postgres carries: `20,500/s with 4 CPUs, 4,810/s with 100 connections`. */
export function describeDatabase({ database: { byCpu, byConnections }, question: { machine } }: Plan): string {
  const { cpus, databaseConnections } = machine;
  const limits = [
    ...(Number.isFinite(byCpu) ? [`${shownRate(byCpu)} with ${counted(cpus, 'CPU')}`] : []),
    ...(databaseConnections !== undefined && Number.isFinite(byConnections)
      ? [`${shownRate(byConnections)} with ${counted(databaseConnections, 'connection')}`]
      : []),
  ];
  const unlimited = databaseConnections === undefined ? '; connections are not limited' : '';
  return limits.length === 0 ? `no limit for this workload${unlimited}` : `${limits.join(', ')}${unlimited}`;
}

/** How far something lies beyond the measurements, and how far the model is trusted. */
export function describeExtrapolation(one: Extrapolation): string {
  if (one.quantity === 'topology') return shownExtrapolation(one);
  return `${shownExtrapolation(one)}, ${one.tooFar ? 'too far, ' : ''}trusted up to ${furthest[one.quantity]} times`;
}

/** `CPUs of a machine: 16, 8 times the measured maximum (2)` */
export function shownExtrapolation({ quantity, asked, measured, factor }: Extrapolation): string {
  if (!('least' in measured)) return `${asked} was not measured, only ${measured.join(' and ')}`;
  const { name, show } = quantities[quantity];
  const { least, most } = measured;
  const value = Number(asked);
  const shown = `${name}: ${show(value)}`;
  if (most === 0) return `${shown}, and none was measured`;
  const range = least === most || least === 0 ? show(most) : `${show(least)} to ${show(most)}`;
  const times =
    value > most
      ? `${shownNumber(factor)} times the measured maximum`
      : `1/${shownNumber(factor)} of the measured minimum`;
  return `${shown}, ${times} (${range})`;
}

const quantities: Readonly<Record<Extrapolation['quantity'], { name: string; show: (value: number) => string }>> = {
  cpus: { name: 'CPUs of a machine', show: String },
  workers: { name: 'workers of a deployment', show: String },
  'load of a worker': { name: 'load of a worker', show: shownRate },
  'database wait': { name: 'database wait', show: shownTime },
  'CPU work': { name: 'CPU work', show: shownTime },
  topology: { name: 'topology', show: String },
};

/** How far predictions were off: `capacity 3 % (median of 6), at most 12 %`. */
export function describeScore({ figures }: ModelScore): string {
  return figures
    .map(({ figure, predictions, plain: { median, most } }) => {
      return `${figure} ${wholePercent(median)} (median of ${predictions}), at most ${wholePercent(most)}`;
    })
    .join('; ');
}

/** `3 × hybrid-2x1-30`: one on each of 3 machines. */
export function shownDeployment(deployment: Deployment, machines = 1): string {
  return machines === 1 ? deploymentName(deployment) : `${shownCount(machines)} × ${deploymentName(deployment)}`;
}
