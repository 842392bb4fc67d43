import { useId } from 'preact/hooks';

interface GuessesProps {
  readonly question: string;
  readonly guesses: readonly string[];
  readonly guess: number | undefined;
  readonly onGuess: (guess: number) => void;
}

/** The step's question, with the answers that one may guess. */
export function Guesses({ question, guesses, guess, onGuess }: GuessesProps) {
  const name = useId();
  return (
    <fieldset class="tour-guesses">
      <legend>{question}</legend>
      {guesses.map((text, index) => (
        <label key={text}>
          <input type="radio" name={name} checked={guess === index} onChange={() => onGuess(index)} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
