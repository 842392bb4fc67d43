import { What } from '../what.tsx';
import { answer, type ComputedPlan, isFinal, topologies } from './answers.ts';
import { sentenceOf } from './plan-words.ts';

/** The answer in a sentence, with who gave it; or why there is none. */
export function AnswerSection() {
  const found = answer.value;
  if (found === undefined) return null;
  const { plan, refusal } = found;
  const sentence = plan === undefined || refusal !== undefined ? refusal : sentenceOf(plan, topologies.value);
  return (
    <section class="plan-answer" aria-label="Answer" data-by={found.by} data-refused={found.refusal !== undefined}>
      <p class="plan-sentence">{sentence}</p>
      {found.plan !== undefined && (
        <p class="plan-by">
          {byWords(found)}
          <What word="how it was decided" />
        </p>
      )}
      {/* While a slider moves nothing is read out. */}
      <p class="visually-hidden" aria-live="polite">
        {isFinal.value && sentence}
      </p>
    </section>
  );
}

function byWords({ by, broken }: ComputedPlan): string {
  if (broken !== undefined) return `By formulas: the simulation broke down. ${broken}`;
  return by === 'formulas' ? 'By formulas, at once; the simulation follows.' : 'By simulation.';
}
