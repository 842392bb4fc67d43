import { quantileName } from '../../model/quantities.ts';
import type { Plan } from '../plan/plan.ts';
import type { Recommendation, Rejection } from '../plan/recommendation.ts';

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
