/** What became of a guess, in a sentence or two; `answer` and `guess` are places among the guesses. */
export function verdictOf(guesses: readonly string[], answer: number, guess: number | undefined): string {
  const right = guesses[answer];
  const guessed = guess === undefined ? undefined : guesses[guess];
  if (right === undefined) {
    const none = 'The figures bear out none of the guesses.';
    return guessed === undefined ? none : `You guessed “${guessed}”. ${none}`;
  }
  if (guessed === undefined) return `The figures say: “${right}”.`;
  if (guess === answer) return `You guessed “${guessed}”, and so it is.`;
  return `You guessed “${guessed}”. The figures say: “${right}”.`;
}
