import { computed, effect, signal } from '@preact/signals';
import type { FittedModel } from '../../../lab/plan/fitted-model.ts';
import { allowedInputs, type PlanInputs, questionFor } from './inputs.ts';
import { type PlannerInput, type PlanOrRefusal, planOrRefuse } from './planner.ts';

/** The model of the chosen run. */
export const fitted = signal<FittedModel | undefined>(undefined);
export const inputs = signal<PlanInputs | undefined>(undefined);

/** A plan or a refusal, and how it was computed. */
export type ComputedPlan = PlanOrRefusal & {
  readonly by: 'formulas' | 'simulation';
  /** Why the simulation failed. */
  readonly failure?: string;
};

/** Milliseconds without a change before the question is simulated. */
const REST_MS = 400;

const question = computed<PlannerInput | undefined>(() => {
  const [model, asked] = [fitted.value, inputs.value];
  return model && asked && { fitted: model, question: questionFor(asked, model), extrapolate: asked.extrapolate };
});

const byFormulas = computed<ComputedPlan | undefined>(() => {
  if (question.value === undefined) return undefined;
  try {
    return { by: 'formulas', ...planOrRefuse(question.value, 'formulas') };
  } catch (cause) {
    return { by: 'formulas', refusal: `This cannot be answered: ${cause instanceof Error ? cause.message : cause}` };
  }
});

const final = signal<{ readonly to: PlannerInput; readonly answer: ComputedPlan } | undefined>(undefined);

/** Whether the answer is the last one to the present question. */
export const isFinal = computed(() => final.value !== undefined && final.value.to === question.value);

/** The best answer so far to the present question. */
export const answer = computed<ComputedPlan | undefined>(() =>
  isFinal.value ? final.value?.answer : byFormulas.value,
);

/** Changes the question. */
export function ask(change: Partial<PlanInputs>): void {
  const [model, present] = [fitted.peek(), inputs.peek()];
  if (model !== undefined) inputs.value = allowedInputs({ ...present, ...change }, model);
}

/** Simulates each question that did not change for a moment; returns how to end that. */
export function startSimulating(): () => void {
  return effect(() => {
    const [asked, first] = [question.value, byFormulas.value];
    if (asked === undefined || first === undefined) return;
    let worker: Worker | undefined;
    const end = (last: ComputedPlan): void => {
      worker?.terminate();
      final.value = { to: asked, answer: last };
    };
    const rest = setTimeout(() => {
      if (first.plan === undefined) return end(first);
      worker = new Worker(new URL('./simulation.worker.ts', import.meta.url), { type: 'module' });
      worker.onmessage = ({ data }: MessageEvent<PlanOrRefusal>) => end({ by: 'simulation', ...data });
      // A worker that did not load has no message.
      worker.onerror = ({ message }) => end({ ...first, failure: message || 'It did not start.' });
      worker.postMessage(asked);
    }, REST_MS);
    return () => {
      clearTimeout(rest);
      worker?.terminate();
    };
  });
}
