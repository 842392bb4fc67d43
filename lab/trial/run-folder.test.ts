import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { LoadlineError } from '../../errors/loadline-error.ts';
import { createRunFolder } from './run-folder.ts';

const begin = new Date('2026-03-01T09:08:07Z');
let root: string;
let runs: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'loadline-runs-'));
  runs = join(root, 'runs');
});
afterEach(() => rmSync(root, { recursive: true }));

test('a run has a folder of its date, its time and its experiment', () => {
  assert.equal(createRunFolder(runs, 'quick', begin).path, join(runs, '2026-03-01T090807-quick'));
});

test('two runs that begin in the same second have folders of their own', () => {
  const paths = [1, 2, 3].map(() => basename(createRunFolder(runs, 'quick', begin).path));
  assert.deepEqual(paths, ['2026-03-01T090807-quick', '2026-03-01T090807-quick-2', '2026-03-01T090807-quick-3']);
});

test('latest points to the newest run with a result, and a file is written whole', () => {
  createRunFolder(runs, 'quick', begin).write('summary.md', 'first');
  const second = createRunFolder(runs, 'quick', begin);
  second.write('summary.md', 'second');
  assert.equal(readlinkSync(join(runs, 'latest')), basename(second.path));
  assert.equal(readFileSync(join(runs, 'latest/summary.md'), 'utf8'), 'second');
  assert.deepEqual(readdirSync(second.path), ['summary.md']);
});

test('a run that ended before it measured anything leaves no folder, one that measured keeps it', () => {
  const empty = createRunFolder(runs, 'quick', begin);
  assert.equal(empty.removeIfEmpty(), true);
  assert.equal(existsSync(empty.path), false);
  const measured = createRunFolder(runs, 'quick', begin);
  writeFileSync(measured.trials, '{}\n');
  assert.equal(measured.removeIfEmpty(), false);
});

test('a place that cannot be written is named', () => {
  writeFileSync(runs, 'a file where the folder should be');
  assert.throws(
    () => createRunFolder(runs, 'quick', begin),
    (error: unknown) => error instanceof LoadlineError && error.code === 'folder-unwritable',
  );
});
