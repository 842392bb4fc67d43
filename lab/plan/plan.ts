import type { RouteName } from '../../model/contract/contract.ts';
import { workOfRequest } from '../../model/contract/work.ts';
import { deploymentName } from '../../model/deployment.ts';
import type { PerSecond } from '../../model/quantities.ts';
import type { TopologyName } from '../../model/topology.ts';
import { CapacityModel } from './capacity-model.ts';
import { type Extrapolation, listExtrapolations } from './extrapolation.ts';
import { type FittedModel, isMeasured, type ModelScore } from './fitted-model.ts';
import { DATABASE_FULL, type DatabaseLimit, FORMULAS_OFF, limitDatabase } from './formulas.ts';
import { listCandidates, type Question, requiredCapacity, serviceOn, workloadOn } from './question.ts';
import { type Recommendation, type Rejection, recommend } from './recommendation.ts';
import { findPeak, listSizeLines } from './sizes.ts';

/** The answer to a question. */
export interface Plan {
  readonly question: Question;
  /** Capacity that all machines together must have. */
  readonly required: PerSecond;
  /** Deployments that meet the objective, best first; one of each topology. */
  readonly recommendations: readonly Recommendation[];
  readonly rejected: readonly Rejection[];
  readonly database: DatabaseLimit;
  readonly restsOn: {
    readonly run: string;
    readonly runtime: string;
    readonly trials: number;
    readonly cells: readonly string[];
    /** What no trial shows: it is taken from another machine. */
    readonly assumed: readonly string[];
    readonly score?: ModelScore;
  };
  readonly extrapolations: readonly Extrapolation[];
}

/** How an answer is found. */
export interface Decision {
  /** `formulas`: at once, and a few percent off. `simulation`: what formulas recommend is simulated, in a second or two. */
  readonly decide: 'formulas' | 'simulation';
  /** Whether to recommend what lies too far beyond the measurements like all else. */
  readonly extrapolate: boolean;
}

const SIMULATED = { requests: 8000, replications: 3, seed: 1 } as const;
const MOST_MACHINES = 256;
/** Numbers of machines to try from the first that could do, and beyond the fewest where prices decide. */
const TRIED = 4;
const FURTHER = 2;
/** Capacities by formulas are nearly always this near the truth: what falls short by less is simulated too. */
const DOUBT = 1.1;
/** So many of what formulas reject by a little are simulated. */
const MOST_DOUBTED = 2;

/**
 * The plan that formulas find among all topologies, with what it recommends decided by the simulation. What lies too far
 * beyond the measurements is recommended only where nothing else is, or where `extrapolate` asks for it.
 */
export function decidePlan(fitted: FittedModel, question: Question, { decide, extrapolate }: Decision): Plan {
  const trusted = (plan: Plan) => (extrapolate ? plan : preferTrusted(fitted, plan));
  let plan = trusted(planFor(fitted, question, { decide: 'formulas' }));
  if (decide === 'simulation') {
    const doubted = plan.rejected
      .filter(({ capacity }) => capacity !== undefined && capacity * DOUBT >= plan.required)
      .toSorted((a, b) => (b.capacity ?? 0) - (a.capacity ?? 0))
      .map(({ topology }) => topology)
      .slice(0, plan.recommendations.length === 0 ? MOST_DOUBTED : 1);
    const decided = new Set<TopologyName>();
    let next = [...doubted, ...topologyOfBest(plan)];
    // What was second by formulas may be first now, and is simulated before it is recommended.
    while (next.length > 0) {
      for (const topology of next) decided.add(topology);
      plan = trusted(merge(plan, planFor(fitted, { ...question, topologies: next }, { decide })));
      next = topologyOfBest(plan).filter(topology => !decided.has(topology));
    }
    // Where nothing else is left, what lies too far is recommended after all.
    if (plan.recommendations.length === 0 && plan.rejected.some(({ kind }) => kind === 'too-far')) {
      return decidePlan(fitted, question, { decide, extrapolate: true });
    }
  }
  return { ...plan, extrapolations: extrapolationsIn(fitted, plan, plan.recommendations[0]) };
}

function topologyOfBest({ recommendations: [best] }: Plan): TopologyName[] {
  return best === undefined ? [] : [best.deployment.topology];
}

/** Rejects what lies too far beyond the measurements, unless nothing would be left. */
function preferTrusted(fitted: FittedModel, plan: Plan): Plan {
  const untrusted = plan.recommendations.flatMap(recommendation => {
    const extrapolation = extrapolationsIn(fitted, plan, recommendation).find(({ tooFar }) => tooFar);
    return extrapolation === undefined ? [] : [{ recommendation, extrapolation }];
  });
  if (untrusted.length === plan.recommendations.length) return plan;
  const rejected = untrusted.map(({ recommendation: { deployment, machines }, extrapolation }): Rejection => {
    const name = `${machines === 1 ? '' : `${machines} × `}${deploymentName(deployment)}`;
    const reason = `would do as ${name}, too far beyond the measurements (--extrapolate)`;
    return { topology: deployment.topology, kind: 'too-far', extrapolation, reason };
  });
  const kept = plan.recommendations.filter(one => !untrusted.some(({ recommendation }) => recommendation === one));
  return { ...plan, recommendations: kept, rejected: [...rejected, ...plan.rejected] };
}

function extrapolationsIn(fitted: FittedModel, { question, required }: Plan, one?: Recommendation): Extrapolation[] {
  const { workload, machine } = question;
  const deployed = one && { deployment: one.deployment, arrivalRate: required / one.machines };
  return listExtrapolations(fitted, machine, { workload, ...deployed });
}

/** One plan with what another, for fewer topologies, says of those. */
function merge(all: Plan, some: Plan): Plan {
  const asked = new Set(some.question.topologies);
  const others = all.recommendations.filter(({ deployment }) => !asked.has(deployment.topology));
  return {
    ...all,
    recommendations: [...some.recommendations, ...others].toSorted((a, b) => compare(a, b, all.question)),
    rejected: [...some.rejected, ...all.rejected.filter(({ topology }) => !asked.has(topology))],
  };
}

/** The deployments that meet the objective, best first, and why the others do not. */
export function planFor(fitted: FittedModel, question: Question, { decide }: Pick<Decision, 'decide'>): Plan {
  const effort = decide === 'simulation' ? SIMULATED : undefined;
  const { workload, machine, prices } = question;
  const { measured, run, runtime, score } = fitted;
  const service = serviceOn(fitted.service, machine, fitted.cpus);
  const database = limitDatabase(service, workloadOn(workload, machine), machine);
  const rejected = new Map<TopologyName, Rejection>();
  const found: Recommendation[] = [];
  let further = 0;
  for (const machines of listMachineCounts(fitted, question, database)) {
    // With prices more machines, with less on each, may cost less.
    if (found.length > 0 && (prices === undefined || ++further > FURTHER)) break;
    const model = buildCapacityModel(fitted, question, machines);
    for (const topology of listCandidates(fitted, question)) {
      const answer = recommend(model, topology, { question, machines, effort });
      if (!('reason' in answer)) found.push(answer);
      else if (!rejected.has(topology.name)) rejected.set(topology.name, answer);
    }
  }
  const best = Map.groupBy(
    found.sort((a, b) => compare(a, b, question)),
    ({ deployment }) => deployment.topology,
  );
  const plan: Plan = {
    ...{ question, database, required: requiredCapacity(question) },
    recommendations: [...best.values()].flatMap(own => own.slice(0, 1)),
    rejected: [...rejected.values()].filter(({ topology }) => !best.has(topology)),
    restsOn: {
      ...{ run, runtime, trials: measured.trials, cells: measured.cells },
      assumed: [...measured.assumed, ...listAssumedRoutes(question, fitted)],
      ...(score && { score }),
    },
    extrapolations: [],
  };
  return { ...plan, extrapolations: extrapolationsIn(fitted, plan, plan.recommendations[0]) };
}

/** Least cost first where there are prices; otherwise fewest machines, least memory, fewest connections. */
function compare(a: Recommendation, b: Recommendation, { prices }: Question): number {
  if (prices !== undefined) return (a.cost ?? 0) - (b.cost ?? 0);
  return a.machines - b.machines || a.memory - b.memory || a.databaseConnections - b.databaseConnections;
}

/** The model of one of so many machines; several share one Postgres and its connections. */
export function buildCapacityModel(
  fitted: FittedModel,
  { machine, objective }: Question,
  machines: number,
): CapacityModel {
  if (machines === 1) return new CapacityModel(fitted, machine, objective);
  const { databaseConnections: all } = machine;
  const share = all !== undefined && { databaseConnections: Math.floor(all / machines) };
  return new CapacityModel(fitted, { ...machine, database: 'elsewhere', ...share }, objective);
}

/** One machine, and then from the fewest that could do by formulas, as long as the one Postgres carries the load. */
function listMachineCounts(fitted: FittedModel, question: Question, database: DatabaseLimit): number[] {
  const { workload, machine } = question;
  const required = requiredCapacity(question);
  if (required > DATABASE_FULL * Math.min(database.byCpu, database.byConnections)) return [1];
  const model = buildCapacityModel(fitted, { ...question, machine: { ...machine, database: 'elsewhere' } }, 1);
  const largest = listCandidates(fitted, question)
    .filter(topology => isMeasured(fitted, topology))
    .flatMap(topology => listSizeLines(topology, model.machine).slice(-1))
    .map(line => model.estimatedCapacity(line.at(findPeak(model, line, workload)), workload));
  const least = Math.max(2, Math.ceil(required / FORMULAS_OFF / Math.max(1e-9, ...largest)));
  const several = Array.from({ length: TRIED + Math.ceil(least * (FORMULAS_OFF - 1)) }, (_, index) => least + index);
  return [1, ...several.filter(machines => machines <= MOST_MACHINES)];
}

/** Routes that read and write in a way of their own. */
const ownWays: ReadonlySet<RouteName> = new Set(['items', 'orders']);

/** What is assumed of requests whose route was not measured. */
function listAssumedRoutes({ workload }: Question, { measured }: FittedModel): string[] {
  const asked = new Set(workload.requests.map(({ route }) => route));
  return [...asked].flatMap(route => {
    if (!ownWays.has(route) || measured.routes.includes(route)) return [];
    const { reads } = workOfRequest({ route, parameters: {} });
    return [`that ${route} costs ${reads === 1 ? 'what one read does' : `what ${reads} reads do`}`];
  });
}
