import type { TopologyName } from '../../services/topologies.ts';
import { quantileName } from '../analysis/numbers.ts';
import { extrapolationsOf } from '../planner/extrapolation.ts';
import type { FittedModel } from '../planner/fitted-model.ts';
import { compared, planFor } from '../planner/plan.ts';
import type { Question } from '../planner/question.ts';
import type { Extrapolation, Plan, Recommendation, Rejection } from '../planner/recommendation.ts';
import { shownExtrapolation } from '../report/plan/extrapolation.ts';
import { shownDeployment } from '../report/plan/words.ts';

/** Capacities by formulas are this near the truth, nearly always: what falls short by less is simulated too. */
const DOUBT = 1.1;
/** Of what formulas reject by a little so many are simulated. */
const MOST_DOUBTED = 2;

/**
 * The plan that formulas find among all topologies, with what it recommends decided by the simulation. What lies too far
 * beyond the measurements is recommended only where nothing else is, or where `extrapolate` asks for it.
 */
export function decidedPlan(fitted: FittedModel, question: Question, extrapolate: boolean): Plan {
  const known = (plan: Plan) => (extrapolate ? plan : preferTrusted(fitted, plan));
  let plan = known(planFor(fitted, question, { decide: 'formulas' }));
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
    plan = known(merged(plan, planFor(fitted, { ...question, topologies: next }, { decide: 'simulation' })));
    next = topologyOfBest(plan).filter(topology => !decided.has(topology));
  }
  return { ...plan, extrapolations: extrapolationsFor(fitted, plan, plan.recommendations[0]) };
}

function topologyOfBest({ recommendations: [best] }: Plan): TopologyName[] {
  return best === undefined ? [] : [best.deployment.topology];
}

/** Rejects what lies too far beyond the measurements, unless nothing would be left. */
function preferTrusted(fitted: FittedModel, plan: Plan): Plan {
  const untrusted = plan.recommendations.flatMap(one => {
    const [furthest] = extrapolationsFor(fitted, plan, one).filter(({ tooFar }) => tooFar);
    return furthest === undefined ? [] : [{ one, furthest }];
  });
  if (untrusted.length === plan.recommendations.length) return plan;
  const rejected = untrusted.map(({ one: { deployment, machines }, furthest }) => ({
    topology: deployment.topology,
    reason: `would do as ${shownDeployment(deployment, machines)}, too far beyond the measurements (--extrapolate): ${shownExtrapolation(furthest)}`,
  }));
  const kept = plan.recommendations.filter(recommendation => !untrusted.some(({ one }) => one === recommendation));
  return { ...plan, recommendations: kept, rejected: [...rejected, ...plan.rejected] };
}

function extrapolationsFor(fitted: FittedModel, { question, required }: Plan, one?: Recommendation): Extrapolation[] {
  return extrapolationsOf(fitted, question.machine, {
    workload: question.workload,
    ...(one && { deployment: one.deployment, arrivalRate: required / one.machines }),
  });
}

/** The one that carries most of those that carry too little. */
export function nearestOf({ rejected }: Plan): (Rejection & Required) | undefined {
  return rejected
    .filter((one): one is Rejection & Required => one.deployment !== undefined && one.capacity !== undefined)
    .toSorted((a, b) => b.capacity - a.capacity)[0];
}

type Required = globalThis.Required<Pick<Rejection, 'deployment' | 'capacity'>>;

/** What has to be known before the answer is believed. */
export function warningsOf(plan: Plan): string[] {
  const [best] = plan.recommendations;
  const warnings: string[] = [];
  if (plan.restsOn.runtime === 'simulated') {
    warnings.push('The run is simulated: the answer is about that simulated machine, and none that was measured.');
  }
  if (plan.extrapolations.some(({ tooFar }) => tooFar)) {
    warnings.push('Some of it lies further beyond the measurements than the model is trusted: take it for a guess.');
  }
  if (best !== undefined && best.margin < best.error) {
    const { quantile } = plan.question.objective;
    warnings.push(
      `The margin is smaller than what the model may be off (${Math.round(best.error * 1000) / 10} %): ${quantileName(quantile)} may be missed. ` +
        `Ask for more with --headroom ${headroomFor(plan, best)}, or measure that deployment.`,
    );
  }
  return warnings;
}

/** So much must stay free that the model's error is covered: in whole twentieths. */
function headroomFor({ question: { headroom } }: Plan, { error }: Recommendation): number {
  const needed = 1 - (1 - headroom) / (1 + error);
  return Math.min(0.95, Math.ceil(needed * 20) / 20);
}

/** One plan with what another, for fewer topologies, says of those. */
function merged(all: Plan, some: Plan): Plan {
  const asked = new Set(some.question.topologies);
  const isOther = ({ topology }: { topology: Rejection['topology'] }) => !asked.has(topology);
  const recommendations = [
    ...some.recommendations,
    ...all.recommendations.filter(({ deployment }) => isOther(deployment)),
  ].toSorted((a, b) => compared(a, b, all.question));
  return { ...all, recommendations, rejected: [...some.rejected, ...all.rejected.filter(isOther)] };
}
