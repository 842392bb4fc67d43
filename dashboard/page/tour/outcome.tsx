import type { TourOutcome, TourStep } from '../../protocol.ts';
import { FigureBars } from './figure-bars.tsx';
import { groupsOf } from './figure-groups.ts';
import { describeGuess } from './guess-sentence.ts';
import { countMeanings, type Facts, texts } from './texts.ts';

interface OutcomeProps {
  readonly step: TourStep;
  readonly facts: Facts;
  readonly outcome: TourOutcome;
  /** Which of the step's guesses was made on this page. */
  readonly guess: number | undefined;
}

/** What was measured, and what it says of the guess. */
export function Outcome({ step, facts, outcome, guess }: OutcomeProps) {
  const { guesses, why, meanings } = texts[step];
  // Each with its own scales: counts hold the warm-up too, and would dwarf the requests that a worker held.
  const shown = groupsOf(outcome.figures.filter(({ name }) => !(name in countMeanings)));
  const counts = groupsOf(outcome.figures.filter(({ name }) => name in countMeanings));
  return (
    <div class="tour-outcome">
      <h3>Measured on this machine</h3>
      <p class="tour-verdict">{describeGuess(guesses(facts), outcome.answer, guess)}</p>
      <p>{outcome.sentence}</p>
      {shown.map(group => (
        <FigureBars key={group.name} group={group} meaning={meanings[group.name]} />
      ))}
      <details>
        <summary>Counted twice</summary>
        {counts.map(group => (
          <FigureBars key={group.name} group={group} meaning={countMeanings[group.name]} />
        ))}
      </details>
      <h3>Why</h3>
      <p>{why(facts)}</p>
      <p class="hint">
        This is claim {step}; how it is measured in earnest, and with which verdict, is in <code>docs/claims.md</code>.
      </p>
    </div>
  );
}
