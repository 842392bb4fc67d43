import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTrials } from '../run/trials-file.ts';
import { exercises } from './list.ts';
import { exercisePages } from './pages.ts';
import { TrialFacts } from './trial-facts.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'docs/exercises');
const pages = exercisePages(new TrialFacts(readTrials(join(folder, 'trials.jsonl'))));
// `npm run update`
if (process.argv.includes('--update')) {
  for (const [name, text] of Object.entries(pages)) writeFileSync(join(folder, name), text);
}

test('every exercise has its page, and no page is left of another', () => {
  assert.deepEqual(globSync('*.md', { cwd: folder }).sort(), Object.keys(pages).sort());
});

for (const [name, text] of Object.entries(pages)) {
  test(`${name} says what the code says of the trials`, () => {
    assert.equal(readFileSync(join(folder, name), 'utf8'), text, 'write it again: npm run update');
  });
}

test('there are twelve exercises, numbered from 1, each with hints and a model', () => {
  assert.deepEqual(
    exercises.map(({ number, name }) => [number, Number.parseInt(name, 10)]),
    Array.from({ length: 12 }, (_, index) => [index + 1, index + 1]),
  );
  assert.deepEqual(
    exercises.filter(({ hints }) => hints.length < 2),
    [],
  );
});

test('what a page links to is there', () => {
  const missing = Object.values(pages).flatMap(text =>
    [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link).filter(link => !existsSync(join(folder, link))),
  );
  assert.deepEqual(missing, []);
});
