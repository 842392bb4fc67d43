import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';

/** Compares lines with a golden file; with `--update` it writes the file. */
export function requireGoldenLines(file: string, lines: readonly string[]): void {
  if (process.argv.includes('--update')) writeFileSync(file, `${lines.join('\n')}\n`);
  assert.deepEqual(lines, readFileSync(file, 'utf8').trimEnd().split('\n'), 'if meant, run the test with --update');
}
