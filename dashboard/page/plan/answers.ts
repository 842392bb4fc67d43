import { computed, effect, signal } from '@preact/signals';
import type { FittedModel } from '../../../lab/planner/fitted-model.ts';
import { planFor } from '../../../lab/planner/plan.ts';
import type { Plan } from '../../../lab/planner/recommendation.ts';
import { allowedInputs, type PlanInputs } from './inputs.ts';
import { questionOf } from './question-of.ts';
import { askThoroughly, type ThoroughAnswer } from './thorough.ts';

/** What is planned with; `undefined` until a run is chosen. */
export const fitted = signal<FittedModel | undefined>(undefined);
/** What is asked; `undefined` until there is something to ask. */
export const inputs = signal<PlanInputs | undefined>(undefined);

/** An answer, and who gave it. */
export type Answer = { readonly by: 'formulas' | 'simulation' } & ThoroughAnswer;

/** Milliseconds without a change after which the simulation is asked. */
const REST_MS = 400;

const question = computed(() => {
  const [model, asked] = [fitted.value, inputs.value];
  return model && asked && { fitted: model, question: questionOf(asked, model) };
});

/** At once, by formulas. */
const quick = computed<Answer | undefined>(() => {
  const asked = question.value;
  if (asked === undefined) return undefined;
  try {
    return { by: 'formulas', plan: planFor(asked.fitted, asked.question, { decide: 'formulas' }) };
  } catch (cause) {
    return { by: 'formulas', failure: cause instanceof Error ? cause.message : String(cause) };
  }
});

const thorough = signal<{ readonly to: object; readonly answer: Answer } | undefined>(undefined);

/** The best answer that there is to what is asked now. */
export const answer = computed<Answer | undefined>(() =>
  thorough.value !== undefined && thorough.value.to === question.value ? thorough.value.answer : quick.value,
);

/** What is far beyond what was measured, unless somebody wants it answered all the same. */
export function tooFar({ extrapolations }: Plan): Plan['extrapolations'] {
  return inputs.value?.extrapolate ? [] : extrapolations.filter(({ tooFar }) => tooFar);
}

/** Takes a change of what is asked. */
export function ask(change: Partial<PlanInputs>): void {
  const [model, present] = [fitted.peek(), inputs.peek()];
  if (model !== undefined) inputs.value = allowedInputs({ ...present, ...change }, model);
}

/** Has what is asked simulated each time it has rested for a moment; what is given back ends that. */
export function startThinking(): () => void {
  return effect(() => {
    const asked = question.value;
    if (asked === undefined) return;
    let takeBack: (() => void) | undefined;
    const rest = setTimeout(() => {
      takeBack = askThoroughly(asked, found => {
        thorough.value = { to: asked, answer: { by: 'simulation', ...found } };
      });
    }, REST_MS);
    return () => {
      clearTimeout(rest);
      takeBack?.();
    };
  });
}
