import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTrials } from '../run/trials-file.ts';
import { exercisePages } from './exercise-text.ts';
import { TrialFacts } from './trial-facts.ts';

const folder = join(import.meta.dirname, '../../docs/exercises');
const pages = exercisePages(new TrialFacts(readTrials(join(folder, 'trials.jsonl'))));
// `npm run update`
if (process.argv.includes('--update')) {
  for (const [name, text] of Object.entries(pages)) writeFileSync(join(folder, name), text);
}

test('the pages in docs are those that the trials give, and all their links lead somewhere', () => {
  assert.deepEqual(globSync('*.md', { cwd: folder }).sort(), Object.keys(pages).sort());
  for (const [name, text] of Object.entries(pages)) {
    assert.equal(readFileSync(join(folder, name), 'utf8'), text, 'write it again: npm run update');
    for (const [, link = ''] of text.matchAll(/\]\(([^)]+)\)/g)) assert.ok(existsSync(join(folder, link)), link);
  }
});
