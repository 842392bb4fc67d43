import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { experimentWith, waitOn } from '../search/testdata/cells.ts';
import { waitingAlone } from '../simulation/service-model.ts';
import { createRunFolder, openRunFolder, readAskedRun, writeAsked } from './run-folder.ts';
import { TrialsFile } from './trials-file.ts';

const begin = new Date('2026-03-01T09:08:07Z');
const later = new Date('2026-03-02T09:08:07Z');
const asked = { experiment: experimentWith([waitOn('sync')]), runtime: 'simulated' } as const;
let root: string;
let runs: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'loadline-runs-'));
  runs = join(root, 'runs');
});
afterEach(() => rmSync(root, { recursive: true }));

test('runs of one second have folders of their own, named after their time and experiment', () => {
  const paths = [1, 2, 3].map(() => createRunFolder(runs, 'quick', begin).path);
  const names = ['2026-03-01T090807-quick', '2026-03-01T090807-quick-2', '2026-03-01T090807-quick-3'];
  assert.deepEqual(
    paths,
    names.map(name => join(runs, name)),
  );
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

test('a run that measured nothing leaves no folder', () => {
  for (const [name, isKept] of [
    [undefined, false],
    ['experiment.json', false],
    ['trials.jsonl', true],
  ] as const) {
    const folder = createRunFolder(runs, 'quick', begin);
    if (name) writeFileSync(join(folder.path, name), '{}\n');
    assert.deepEqual([folder.removeIfEmpty(), existsSync(folder.path)], [!isKept, isKept]);
  }
});

test('a run is found by its path, its name, or as the one that was begun last', () => {
  const [first, second] = [begin, later].map(time => {
    const folder = createRunFolder(runs, 'quick', time);
    writeAsked(folder, asked);
    return folder;
  });
  assert.ok(first && second);
  first.write('summary.md', 'written last');
  createRunFolder(runs, 'empty', new Date('2026-03-03T09:08:07Z'));
  for (const named of [first.path, basename(first.path)]) assert.equal(openRunFolder(runs, named).path, first.path);
  assert.equal(openRunFolder(runs, 'latest').path, second.path);
});

test('a run that is not there is refused, with the one that was probably meant', () => {
  assert.throws(() => openRunFolder(runs, 'latest'), { code: 'results-unreadable', message: /none/ });
  const folder = createRunFolder(runs, 'quick', begin);
  writeAsked(folder, asked);
  assert.throws(() => openRunFolder(runs, '2026-03-01T090807-quik'), { message: /mean 2026-03-01T090807-quick\?/ });
  assert.throws(() => openRunFolder(runs, folder.asked), { message: /experiment\.json is a file: give the folder/ });
});

test('a place that cannot be written is named', () => {
  writeFileSync(runs, 'a file where the folder should be');
  assert.throws(() => createRunFolder(runs, 'quick', begin), { code: 'folder-unwritable' });
});

test('a run that was killed before its first trial is known by what was asked for', () => {
  const folder = createRunFolder(runs, 'quick', begin);
  writeAsked(folder, { ...asked, service: waitingAlone });
  // A header that was cut in half makes room for a whole one.
  writeFileSync(folder.trials, '{"schema":3,"experi');
  assert.deepEqual(readAskedRun(folder), { schema: 3, ...asked, service: waitingAlone });
  TrialsFile.create(folder.trials, { ...asked, environment: { node: 'v24' } })[Symbol.dispose]();
  const { before, runtime } = readAskedRun(folder);
  assert.deepEqual([before?.environment, runtime], [{ node: 'v24' }, 'simulated']);
  assert.throws(() => readAskedRun(createRunFolder(runs, 'quick', begin)), { code: 'results-unreadable' });
});
