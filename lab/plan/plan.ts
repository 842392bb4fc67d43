import type { RouteName } from '../../model/contract/contract.ts';
import { workOfRequest } from '../../model/contract/work.ts';
import type { TopologyName } from '../../model/topology.ts';
import { answerOf } from './answer-of.ts';
import { CapacityModel } from './capacity-model.ts';
import { DATABASE_FULL, databaseLimitOf } from './database-limit.ts';
import { extrapolationsOf } from './extrapolation.ts';
import type { FittedModel } from './fitted-model.ts';
import { FORMULAS_OFF } from './formulas.ts';
import { type PlannedMachine, serviceOn, workloadOn } from './planned-machine.ts';
import { candidatesOf, type Question, requiredCapacity } from './question.ts';
import type { Plan, Recommendation, Rejection } from './recommendation.ts';
import { listSizeLines } from './size-lines.ts';
import { isMeasured, peakOf } from './smallest.ts';

/** How long is thought about an answer. */
export interface PlanEffort {
  /** `formulas`: at once, and a few percent off; `simulation`: in a second or two. */
  readonly decide: 'formulas' | 'simulation';
  readonly seed?: number;
}

const SIMULATED = { requests: 8000, replications: 3 } as const;
const MOST_MACHINES = 256;
/** Numbers of machines that are looked at from the first that could do, and beyond the fewest where prices decide. */
const TRIED = 4;
const FURTHER = 2;

/** What should be run: the deployments that meet the objective, best first, and why the others do not. */
export function planFor(fitted: FittedModel, question: Question, { decide, seed = 1 }: PlanEffort): Plan {
  const effort = decide === 'simulation' ? { ...SIMULATED, seed } : undefined;
  const { workload, machine, prices } = question;
  const required = requiredCapacity(question);
  const service = serviceOn(fitted.service, machine, fitted.cpus);
  const database = databaseLimitOf(service, workloadOn(workload, machine), machine);
  const rejected = new Map<TopologyName, Rejection>();
  const found: Recommendation[] = [];
  let further = 0;
  for (const machines of machinesToTry(fitted, question, database)) {
    // With prices more machines, with less on each, may cost less.
    if (found.length > 0 && (prices === undefined || ++further > FURTHER)) break;
    const model = modelOf(fitted, question, machines);
    for (const topology of candidatesOf(fitted, question)) {
      const answer = answerOf(model, topology, { question, machines, effort });
      if (!('reason' in answer)) found.push(answer);
      else if (!rejected.has(topology.name)) rejected.set(topology.name, answer);
    }
  }
  const recommendations = bestOfEach(found.sort((a, b) => compared(a, b, question)));
  const chosen = new Set(recommendations.map(({ deployment }) => deployment.topology));
  const [best] = recommendations;
  return {
    question,
    required,
    recommendations,
    rejected: [...rejected.values()].filter(({ topology }) => !chosen.has(topology)),
    database,
    restsOn: {
      run: fitted.run,
      runtime: fitted.runtime,
      trials: fitted.measured.trials,
      cells: fitted.measured.cells,
      assumed: [...fitted.measured.assumed, ...assumedOf(workload, fitted)],
      ...(fitted.score && { score: fitted.score }),
    },
    extrapolations: extrapolationsOf(fitted, machine, {
      workload,
      ...(best && { deployment: best.deployment, arrivalRate: required / best.machines }),
    }),
  };
}

/** The model of one of so many machines; they share one Postgres and its connections. */
export function modelOf(fitted: FittedModel, { machine, objective }: Question, machines: number): CapacityModel {
  if (machines === 1) return new CapacityModel(fitted, machine, objective);
  const { databaseConnections } = machine;
  const share: PlannedMachine = {
    ...machine,
    database: 'elsewhere',
    ...(databaseConnections !== undefined && { databaseConnections: Math.floor(databaseConnections / machines) }),
  };
  return new CapacityModel(fitted, share, objective);
}

/** One machine, and then from the fewest on that could do by formulas, as long as the one Postgres carries the load. */
function machinesToTry(fitted: FittedModel, question: Question, database: Plan['database']): number[] {
  const required = requiredCapacity(question);
  if (required > DATABASE_FULL * Math.min(database.byCpu, database.byConnections)) return [1];
  const model = modelOf(fitted, { ...question, machine: { ...question.machine, database: 'elsewhere' } }, 1);
  const largest = candidatesOf(fitted, question)
    .filter(topology => isMeasured(fitted, topology))
    .flatMap(topology => listSizeLines(topology, model.machine).slice(-1))
    .map(sizes => model.estimatedCapacity(sizes.at(peakOf(model, sizes, question.workload)), question.workload));
  const least = Math.max(2, Math.ceil(required / FORMULAS_OFF / Math.max(1e-9, ...largest)));
  const several = Array.from({ length: TRIED + Math.ceil(least * (FORMULAS_OFF - 1)) }, (_, index) => least + index);
  return [1, ...several.filter(machines => machines <= MOST_MACHINES)];
}

/** What requests ask for whose like was not measured. */
function assumedOf({ requests }: Question['workload'], { measured }: FittedModel): string[] {
  const asked = new Set(requests.map(({ route }) => route));
  return [...asked].flatMap(route => {
    if (!ownWays.has(route) || measured.routes.includes(route)) return [];
    const { reads } = workOfRequest({ route, parameters: {} });
    return [`that ${route} costs ${reads === 1 ? 'what one read does' : `what ${reads} reads do`}`];
  });
}

/** Routes that read and write in a way of their own. */
const ownWays: ReadonlySet<RouteName> = new Set(['items', 'orders']);

/** Of each topology the first. */
function bestOfEach(sorted: readonly Recommendation[]): Recommendation[] {
  return [...Map.groupBy(sorted, ({ deployment }) => deployment.topology).values()].flatMap(own => own.slice(0, 1));
}

/** Which is better: least cost where there are prices; otherwise fewest machines, least memory, fewest connections. */
export function compared(a: Recommendation, b: Recommendation, { prices }: Question): number {
  if (prices !== undefined) return (a.cost ?? 0) - (b.cost ?? 0);
  return a.machines - b.machines || a.memory - b.memory || a.databaseConnections - b.databaseConnections;
}
