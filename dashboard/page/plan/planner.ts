import type { FittedModel } from '../../../lab/plan/fitted-model.ts';
import { type Decision, decidePlan, type Plan } from '../../../lab/plan/plan.ts';
import type { Question } from '../../../lab/plan/question.ts';
import { requireMeasured, requireTrials, requireTrusted } from '../../../lab/report/plan/refusals.ts';
import { LoadlineError } from '../../../model/errors.ts';

/** A question, and the model that answers it. */
export interface PlannerInput {
  readonly fitted: FittedModel;
  readonly question: Question;
  /** Whether to answer further beyond the measurements than the model is trusted. */
  readonly extrapolate: boolean;
}

/** A plan, or the terminal's words for why there is none; both where the plan lies too far to be trusted. */
export type PlanOrRefusal =
  | { readonly plan: Plan; readonly refusal?: string }
  | { readonly plan?: undefined; readonly refusal: string };

/** Answers what `./loadline plan` answers to the same question. */
export function planOrRefuse(
  { fitted, question, extrapolate }: PlannerInput,
  decide: Decision['decide'],
): PlanOrRefusal {
  let plan: Plan | undefined;
  try {
    requireTrials(fitted);
    requireMeasured(fitted, question);
    plan = decidePlan(fitted, question, { decide, extrapolate });
    if (!extrapolate) requireTrusted(fitted, plan.extrapolations, 'The answer');
    return { plan };
  } catch (cause) {
    if (!(cause instanceof LoadlineError)) throw cause;
    return plan === undefined ? { refusal: cause.message } : { plan, refusal: cause.message };
  }
}
