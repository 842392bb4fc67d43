/** The one of `words` that `typed` was probably meant to be: at most two letters away; `undefined` when none is. */
export function closestWord(typed: string, words: readonly string[]): string | undefined {
  let closest: string | undefined;
  let fewest = 3;
  for (const word of words) {
    const edits = editDistance(typed.toLowerCase(), word.toLowerCase());
    if (edits < fewest && edits < word.length) {
      closest = word;
      fewest = edits;
    }
  }
  return closest;
}

/** What was typed where one of `valid` is expected, and what was probably meant. */
export function noneOf(typed: string, valid: readonly string[]): string {
  const meant = closestWord(typed, valid);
  const list = valid.length === 0 ? 'nothing, since there are none' : valid.join(', ');
  return meant === undefined
    ? `is "${typed}"; it can be ${list}`
    : `is "${typed}"; did you mean "${meant}"? It can be ${list}`;
}

/** Levenshtein's distance: letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
