import { readFileSync } from 'node:fs';

/** The last lines of a log, indented, for the message of an error; what cannot be read is empty. */
export function logTail(file: string, lines = 12): string {
  try {
    const text = readFileSync(file, 'utf8').trimEnd();
    if (text === '') return '';
    return text
      .split('\n')
      .slice(-lines)
      .map(line => `\n    ${line}`)
      .join('');
  } catch {
    return '';
  }
}
