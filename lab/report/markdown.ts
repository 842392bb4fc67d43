/** Sentences as a list in Markdown. */
export function listOf(sentences: readonly string[]): string {
  return sentences.map(sentence => `- ${plain(sentence)}`).join('\n');
}

/** Values as a row of a table in Markdown. */
export function row(values: readonly string[]): string {
  return `| ${values.map(plain).join(' | ')} |`;
}

/** A bar would end its column, and what looks like markup would become it. */
export function plain(text: string): string {
  return text.replace(/[|<\\`]/g, '\\$&').replaceAll('\n', ' ');
}
