import { computed, effect, signal } from '@preact/signals';
import type { FittedModel } from '../../../lab/plan/fitted-model.ts';
import type { Topology } from '../../../model/topology.ts';
import { allowedInputs, type PlanInputs } from './inputs.ts';
import { type Asked, type PlanOrRefusal, planOrRefusal } from './plan-or-refusal.ts';
import { questionOf } from './question-of.ts';
import { askThoroughly } from './thorough.ts';

/** What is planned with; `undefined` until a run is chosen. */
export const fitted = signal<FittedModel | undefined>(undefined);
/** What is asked; `undefined` until there is something to ask. */
export const inputs = signal<PlanInputs | undefined>(undefined);

/** The topologies of its run. */
export const topologies = computed<readonly Topology[]>(() => fitted.value?.topologies ?? []);

/** A plan or a refusal, and what computed it. */
export type ComputedPlan = PlanOrRefusal & {
  readonly by: 'formulas' | 'simulation';
  /** What the simulation broke down at. */
  readonly broken?: string;
};

/** Milliseconds without a change after which the simulation is asked. */
const REST_MS = 400;

const question = computed<Asked | undefined>(() => {
  const [model, asked] = [fitted.value, inputs.value];
  return model && asked && { fitted: model, question: questionOf(asked, model), extrapolate: asked.extrapolate };
});

/** At once, by formulas. */
const quick = computed<ComputedPlan | undefined>(() => {
  const asked = question.value;
  if (asked === undefined) return undefined;
  try {
    return { by: 'formulas', ...planOrRefusal(asked, 'formulas') };
  } catch (cause) {
    return { by: 'formulas', refusal: `This cannot be answered: ${cause instanceof Error ? cause.message : cause}` };
  }
});

/** What nothing more comes after. */
const final = signal<{ readonly to: Asked; readonly answer: ComputedPlan } | undefined>(undefined);

/** Whether nothing more comes: the question has rested, and was simulated where that can be done. */
export const isFinal = computed(() => final.value !== undefined && final.value.to === question.value);

/** The best answer that there is to what is asked now. */
export const answer = computed<ComputedPlan | undefined>(() => (isFinal.value ? final.value?.answer : quick.value));

/** Takes a change of what is asked. */
export function ask(change: Partial<PlanInputs>): void {
  const [model, present] = [fitted.peek(), inputs.peek()];
  if (model !== undefined) inputs.value = allowedInputs({ ...present, ...change }, model);
}

/** Has what is asked simulated each time it has rested for a moment; what is given back ends that. */
export function startThinking(): () => void {
  return effect(() => {
    const [asked, first] = [question.value, quick.value];
    if (asked === undefined || first === undefined) return;
    let takeBack: (() => void) | undefined;
    const rest = setTimeout(() => {
      const finish = (best: ComputedPlan): void => {
        final.value = { to: asked, answer: best };
      };
      // What formulas know not to be answerable no simulation answers.
      if (first.plan === undefined) finish(first);
      else {
        takeBack = askThoroughly(asked, simulated => {
          finish('broken' in simulated ? { ...first, ...simulated } : { by: 'simulation', ...simulated });
        });
      }
    }, REST_MS);
    return () => {
      clearTimeout(rest);
      takeBack?.();
    };
  });
}
