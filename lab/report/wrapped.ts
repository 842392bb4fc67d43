/** A space between words; what is counted in stays with its number. */
const gap = / (?!(?:%|µs|ms|s|MB|GB)(?![a-z]))/;

/** Breaks a text into lines of at most so many columns; those after the first are indented. */
export function wrapped(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(gap)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > width && line.trim() !== '') {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line].join('\n');
}
