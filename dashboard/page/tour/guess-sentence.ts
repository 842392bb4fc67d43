import { UNDECIDED } from '../../protocol.ts';

/** What became of a guess, in a sentence or two; `answer` and `guess` are places among the guesses. */
export function describeGuess(guesses: readonly string[], answer: number, guess: number | undefined): string {
  const right = guesses[answer];
  const guessed = guess === undefined ? undefined : guesses[guess];
  if (right !== undefined && guess === answer) return `You guessed “${right}”, and so it is.`;
  const told = right === undefined ? withoutAnswer(answer) : `The figures say: “${right}”.`;
  return guessed === undefined ? told : `You guessed “${guessed}”. ${told}`;
}

function withoutAnswer(answer: number): string {
  return answer === UNDECIDED
    ? 'It is undecided here: the figures cannot tell.'
    : 'The figures bear out none of the guesses.';
}
