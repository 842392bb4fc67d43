import type { FittedModel } from '../../../lab/plan/fitted-model.ts';
import { type Decision, decidePlan, type Plan } from '../../../lab/plan/plan.ts';
import type { Question } from '../../../lab/plan/question.ts';
import { requireMeasured, requireTrials, requireTrusted } from '../../../lab/report/plan/refusals.ts';
import { LoadlineError } from '../../../model/errors.ts';

/** A question, and the model that it is asked of. */
export interface Asked {
  readonly fitted: FittedModel;
  readonly question: Question;
  /** Whether to answer further beyond the measurements than the model is trusted. */
  readonly extrapolate: boolean;
}

/** A plan; or why there is no answer, in the words of the terminal: beside a plan it lies too far to be trusted. */
export type PlanOrRefusal =
  | { readonly plan: Plan; readonly refusal?: string }
  | { readonly plan?: undefined; readonly refusal: string };

/** What `./loadline plan` says to the same question. */
export function planOrRefusal({ fitted, question, extrapolate }: Asked, decide: Decision['decide']): PlanOrRefusal {
  const unfit = refusalOf(() => {
    requireTrials(fitted);
    requireMeasured(fitted, question);
  });
  if (unfit !== undefined) return { refusal: unfit };
  const plan = decidePlan(fitted, question, { decide, extrapolate });
  const refusal = refusalOf(() => {
    if (!extrapolate) requireTrusted(fitted, plan.extrapolations, 'The answer');
  });
  return refusal === undefined ? { plan } : { plan, refusal };
}

function refusalOf(require: () => void): string | undefined {
  try {
    require();
    return undefined;
  } catch (cause) {
    if (cause instanceof LoadlineError) return cause.message;
    throw cause;
  }
}
