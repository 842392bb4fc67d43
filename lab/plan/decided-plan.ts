import { deploymentName } from '../../model/deployment.ts';
import type { TopologyName } from '../../model/topology.ts';
import { extrapolationsOf } from './extrapolation.ts';
import { shownExtrapolation } from './extrapolation-text.ts';
import type { FittedModel } from './fitted-model.ts';
import { compared, planFor } from './plan.ts';
import type { Question } from './question.ts';
import type { Extrapolation, Plan, Recommendation, Rejection } from './recommendation.ts';

/** Capacities by formulas are this near the truth, nearly always: what falls short by less is simulated too. */
const DOUBT = 1.1;
/** Of what formulas reject by a little so many are simulated. */
const MOST_DOUBTED = 2;

/** How an answer is found. */
export interface Decision {
  /** `simulation`: what formulas recommend is simulated before it is. */
  readonly decide: 'formulas' | 'simulation';
  /** Whether what lies too far beyond the measurements is recommended like all else. */
  readonly extrapolate: boolean;
}

/**
 * The plan that formulas find among all topologies, with what it recommends decided by the simulation. What lies too far
 * beyond the measurements is recommended only where nothing else is, or where `extrapolate` asks for it.
 */
export function decidedPlan(fitted: FittedModel, question: Question, { decide, extrapolate }: Decision): Plan {
  const known = (plan: Plan) => (extrapolate ? plan : preferTrusted(fitted, plan));
  let plan = known(planFor(fitted, question, { decide: 'formulas' }));
  if (decide === 'formulas')
    return { ...plan, extrapolations: extrapolationsFor(fitted, plan, plan.recommendations[0]) };
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
  // That nothing else is left is told as what lies too far, not as what cannot be.
  if (plan.recommendations.length === 0 && plan.rejected.some(({ kind }) => kind === 'too-far')) {
    return decidedPlan(fitted, question, { decide, extrapolate: true });
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
    kind: 'too-far' as const,
    reason: `would do as ${machines === 1 ? '' : `${machines} × `}${deploymentName(deployment)}, too far beyond the measurements (--extrapolate): ${shownExtrapolation(furthest)}`,
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
