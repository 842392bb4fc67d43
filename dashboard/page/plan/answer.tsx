import { What } from '../what.tsx';
import { answer, tooFar } from './answers.ts';
import { refusalSentence, sentenceOf } from './plan-words.ts';

/** The answer in a sentence, with who gave it; or why there is none. */
export function PlanAnswer() {
  const found = answer.value;
  if (found === undefined) return null;
  return (
    <section class="plan-answer" aria-label="Answer" data-by={found.by}>
      <p class="plan-sentence" aria-live="polite">
        {'failure' in found
          ? `This cannot be answered: ${found.failure}.`
          : (refusalSentence(tooFar(found.plan)) ?? sentenceOf(found.plan))}
      </p>
      <p class="plan-by">
        {found.by === 'formulas' ? 'By formulas, at once; the simulation follows.' : 'By simulation.'}
        <What word="how it was decided" />
      </p>
    </section>
  );
}
