import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { LoadlineError } from '../../model/errors.ts';
import { createRunFolder, openRunFolder } from './run-folder.ts';

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
  const first = createRunFolder(runs, 'quick', begin);
  first.write('summary.md', 'first');
  const second = createRunFolder(runs, 'quick', begin);
  second.write('summary.md', 'second');
  // The older one is resumed, or reported again.
  first.write('summary.md', 'first again');
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

test('a run that only noted what was asked for leaves no folder either', () => {
  const asked = createRunFolder(runs, 'quick', begin);
  writeFileSync(asked.asked, '{}\n');
  assert.equal(asked.removeIfEmpty(), true);
});

test('a run is found by its path, its name, or as the one that was begun last', () => {
  const [first, second] = ['2026-03-01T09:08:07Z', '2026-03-02T09:08:07Z'].map(time => {
    const folder = createRunFolder(runs, 'quick', new Date(time));
    writeFileSync(folder.asked, '{}\n');
    return folder;
  });
  assert.ok(first && second);
  first.write('summary.md', 'written last');
  createRunFolder(runs, 'empty', new Date('2026-03-03T09:08:07Z'));
  for (const named of [first.path, basename(first.path)]) assert.equal(openRunFolder(runs, named).path, first.path);
  assert.equal(openRunFolder(runs, 'latest').path, second.path);
});

test('a run that is not there is refused, with the one that was probably meant', () => {
  assert.throws(() => openRunFolder(runs, 'latest'), { code: 'results-unreadable', message: /where there is none/ });
  writeFileSync(createRunFolder(runs, 'quick', begin).asked, '{}\n');
  assert.throws(() => openRunFolder(runs, '2026-03-01T090807-quik'), {
    message: /There is no run 2026-03-01T090807-quik; did you mean 2026-03-01T090807-quick\?/,
  });
});

test('a place that cannot be written is named', () => {
  writeFileSync(runs, 'a file where the folder should be');
  assert.throws(
    () => createRunFolder(runs, 'quick', begin),
    (error: unknown) => error instanceof LoadlineError && error.code === 'folder-unwritable',
  );
});
