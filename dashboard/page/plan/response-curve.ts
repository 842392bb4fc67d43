import type { FittedModel } from '../../../lab/plan/fitted-model.ts';
import { buildCapacityModel, type Plan } from '../../../lab/plan/plan.ts';
import { plannedLoad } from '../../../lab/plan/question.ts';

/** Predicted response times of the recommended deployment, by formulas. */
export interface ResponseCurve {
  /** Of all machines together, per second. */
  readonly loads: readonly number[];
  /** Seconds, at each of the loads; null where more arrives than can be served. */
  readonly median: readonly (number | null)[];
  /** At the objective's quantile. */
  readonly atObjective: readonly (number | null)[];
  /** Seconds. */
  readonly objective: number;
  /** Per second. */
  readonly planned: number;
}

const POINTS = 60;
/** Times the load at which it gives out: the curve ends there. */
const SHOWN = 1.02;

/** The curve over all loads that the best deployment carries; `undefined` where there is none. */
export function predictResponseCurve(plan: Plan, fitted: FittedModel): ResponseCurve | undefined {
  const { question, recommendations } = plan;
  const [best] = recommendations;
  if (best === undefined) return undefined;
  const { deployment, machines, prediction } = best;
  const model = buildCapacityModel(fitted, question, machines);
  const planned = plannedLoad(question);
  const last = Math.max(SHOWN * prediction.saturation * machines, planned);
  const loads = Array.from({ length: POINTS }, (_, index) => ((index + 1) * last) / POINTS);
  const predictions = loads.map(load => {
    const one = model.estimate(deployment, question.workload, { model: 'open', arrivalRate: load / machines });
    return one.state === 'stable' ? one.responseTime : undefined;
  });
  return {
    loads,
    median: predictions.map(one => one?.quantiles.p50 ?? null),
    atObjective: predictions.map(one => one?.atObjective ?? null),
    objective: question.objective.responseTime,
    planned,
  };
}
