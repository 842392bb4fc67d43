import { type TopologyName, topologyNames } from '../../services/topologies.ts';
import { rounded } from '../analysis/numbers.ts';

import type { PerSecond } from '../experiment/units.ts';
import { CapacityModel, type Effort } from './capacity-model.ts';
import { databaseLimitOf } from './database-limit.ts';
import { extrapolationsOf } from './extrapolation.ts';
import type { FittedModel } from './fitted-model.ts';
import { type Machine, serviceOn, workloadOn } from './machine.ts';
import { plannedLoad, type Question, requiredCapacity } from './question.ts';
import type { Plan, Recommendation, Rejection } from './recommendation.ts';
import { resourceNames } from './resource-names.ts';
import { sizesOf } from './sizes.ts';
import { isMeasured, type SmallestSize, smallestSize } from './smallest.ts';

/** How long is thought about an answer. */
export interface PlanEffort {
  /** `formulas`: at once, and a few percent off; `simulation`: in a second or two. */
  readonly decide: 'formulas' | 'simulation';
  readonly seed?: number;
}

const SIMULATED: Omit<Effort, 'seed'> = { requests: 8000, replications: 3 };
/** Of the capacities of what is recommended: what they are off by chance is small beside the model's own error. */
const CAPACITY = { requests: 12_000, precision: 0.01 } as const;
/** Beyond the fewest machines that do, where prices decide. */
const FURTHER = 2;
/** Numbers of machines that are tried. */
const MACHINES = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64] as const;

/** What should be run: the deployments that meet the objective, best first, and why the others do not. */
export function planFor(fitted: FittedModel, question: Question, { decide, seed = 1 }: PlanEffort): Plan {
  const effort = decide === 'simulation' ? { ...SIMULATED, seed } : undefined;
  const { workload, machine } = question;
  const asked = question.topologies ?? topologyNames;
  const required = requiredCapacity(question);
  const elsewhere: Machine = { ...machine, database: 'elsewhere' };
  const database = databaseLimitOf(serviceOn(fitted.service, machine), workloadOn(workload, machine), machine);
  const tried = new Map<TopologyName, Rejection>();
  const found: Recommendation[] = [];
  const most = Math.min(database.byCpu, database.byConnections) < required ? 1 : Number.POSITIVE_INFINITY;
  // With prices more machines, with less on each, may cost less.
  let further = 0;
  const alone = new CapacityModel(fitted, machine, question.objective);
  const several = new CapacityModel(fitted, elsewhere, question.objective);
  for (const machines of MACHINES) {
    if (machines > most || (found.length > 0 && question.prices === undefined) || further > FURTHER) break;
    if (found.length > 0) further++;
    const model = machines === 1 ? alone : several;
    for (const topology of asked) {
      const answer = answerOf(model, topology, { question, machines, effort });
      if ('reason' in answer) {
        if (!tried.has(topology)) tried.set(topology, answer);
      } else found.push(answer);
    }
  }
  const recommendations = bestOfEach(found.sort((a, b) => compared(a, b, question)));
  const chosen = new Set(recommendations.map(({ deployment }) => deployment.topology));
  const [best] = recommendations;
  return {
    question,
    required,
    recommendations,
    rejected: [...tried.values()].filter(({ topology }) => !chosen.has(topology)),
    database,
    restsOn: {
      run: fitted.run,
      runtime: fitted.runtime,
      trials: fitted.measured.trials,
      cells: fitted.measured.cells,
      ...(fitted.score && { score: fitted.score }),
    },
    extrapolations: extrapolationsOf(fitted, machine, {
      workload,
      ...(best && { deployment: best.deployment, arrivalRate: required / best.machines }),
    }),
  };
}

interface Asked {
  readonly question: Question;
  readonly machines: number;
  readonly effort: Effort | undefined;
}

function answerOf(model: CapacityModel, topology: TopologyName, asked: Asked): Recommendation | Rejection {
  const { question, machines, effort } = asked;
  const { workload } = question;
  if (!isMeasured(model, topology)) return { topology, reason: 'was not measured in this run' };
  const lines = sizesOf(topology, model.machine);
  const arrivalRate = requiredCapacity(question) / machines;
  const smallest = smallestSize(model, lines, { workload, arrivalRate, ...(effort && { effort }) });
  if (smallest === undefined) return tooSmall(model, topology, asked);
  const answer = enoughOf(model, smallest, asked);
  const limit = question.machine.memory;
  if (limit !== undefined && answer.memory / machines > limit) {
    const { deployment } = answer;
    const needed = rounded(answer.memory / machines / 1e6);
    return {
      topology,
      deployment,
      reason: `needs ${needed} MB of memory, and a machine has ${rounded(limit / 1e6)} MB`,
    };
  }
  return answer;
}

/** Next to the objective a few percent decide, and a longer look at the capacity may ask for a size more. */
function enoughOf(model: CapacityModel, smallest: SmallestSize, asked: Asked): Recommendation {
  const { sizes } = smallest;
  let answer = recommendationOf(model, smallest, asked);
  for (let step = 1; step <= MORE && answer.margin < 0; step++) {
    const size = smallest.size + step * sizes.step;
    if (size > sizes.most) break;
    answer = recommendationOf(model, { ...smallest, size }, asked);
  }
  return answer;
}

const MORE = 2;

function recommendationOf(model: CapacityModel, { sizes, size }: SmallestSize, asked: Asked): Recommendation {
  const { question, machines, effort } = asked;
  const deployment = sizes.at(size);
  const { workload, prices } = question;
  const load = { model: 'open', arrivalRate: plannedLoad(question) / machines } as const;
  const prediction = effort
    ? model.predict(deployment, workload, load, effort)
    : model.estimate(deployment, workload, load);
  if (prediction.state === 'unstable') throw new RangeError('a deployment that carries more carries less');
  const capacity = effort
    ? model.capacityOf(deployment, workload, { ...CAPACITY, seed: effort.seed })
    : estimatedCapacity(model, asked, deployment, prediction.bottleneck);
  const memory = totalMemory(prediction.memory, machines);
  const databaseConnections = machines * deployment.databaseConnections;
  return {
    ...{ deployment, machines, prediction, capacity, memory, databaseConnections },
    margin: (capacity.estimate * machines) / requiredCapacity(question) - 1,
    error: capacity.high / capacity.estimate - 1,
    next: capacity.bottleneck,
    ...(prices && {
      cost:
        machines * prices.machine + (memory / 1e9) * prices.gigabyte + databaseConnections * prices.databaseConnection,
    }),
  };
}

function estimatedCapacity(
  model: CapacityModel,
  { question: { workload } }: Asked,
  deployment: Recommendation['deployment'],
  bottleneck: Recommendation['next'],
): Recommendation['capacity'] {
  const estimate = model.estimatedCapacity(deployment, workload);
  const spread = model.spreadOf(deployment, workload);
  return { estimate, low: estimate / spread, high: estimate * spread, bottleneck };
}

/** One Postgres for all machines, everything else on each; the generator is not part of what is run. */
function totalMemory({ nginx, workers, postgres }: Recommendation['prediction']['memory'], machines: number): number {
  return machines * (nginx + workers) + postgres;
}

function tooSmall(model: CapacityModel, topology: TopologyName, { question }: Asked): Rejection {
  const last = sizesOf(topology, model.machine).at(-1);
  if (last === undefined) return { topology, reason: 'does not fit into the database connections that there are' };
  const deployment = last.at(last.most);
  const { workload } = question;
  const capacity: PerSecond = model.estimatedCapacity(deployment, workload);
  const load = { model: 'open', arrivalRate: requiredCapacity(question) } as const;
  const { bottleneck } = model.estimate(deployment, workload, load);
  if (capacity === 0) return { topology, deployment, capacity, reason: 'meets the objective at no load' };
  return {
    topology,
    deployment,
    capacity,
    reason: `gives out at about ${rounded(capacity)}/s: ${resourceNames[bottleneck]}`,
  };
}

/** Of each topology the first. */
function bestOfEach(sorted: readonly Recommendation[]): Recommendation[] {
  return [...Map.groupBy(sorted, ({ deployment }) => deployment.topology).values()].flatMap(own => own.slice(0, 1));
}

/** Which is better: least cost where there are prices; otherwise fewest machines, least memory, fewest connections. */
export function compared(a: Recommendation, b: Recommendation, { prices }: Question): number {
  if (prices !== undefined) return (a.cost ?? 0) - (b.cost ?? 0);
  return a.machines - b.machines || a.memory - b.memory || a.databaseConnections - b.databaseConnections;
}
