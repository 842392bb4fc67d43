import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { TrialsFile } from '../run/trials-file.ts';
import { experimentWith, waitOn } from '../search/testdata/cells.ts';
import { search } from '../search/testdata/simulated-service.ts';
import * as diff from './diff.ts';
import * as report from './report.ts';
import { runCommand } from './testdata/command.ts';

let root: string;

before(() => {
  root = mkdtempSync(join(tmpdir(), 'loadline-runs-'));
  for (const [name, serviceTime] of Object.entries({ yesterday: 0.021, today: 0.0315 })) {
    const folder = join(root, 'runs', name);
    mkdirSync(folder, { recursive: true });
    const experiment = experimentWith([waitOn('sync')]);
    using file = TrialsFile.create(join(folder, 'trials.jsonl'), { experiment, runtime: 'local', environment: {} });
    for (const result of search(experiment, () => ({ serviceTime, cpuPerRequest: 0.0005, cpus: 2 })))
      file.append(result);
  }
});
after(() => rmSync(root, { recursive: true }));

const run = (...words: string[]) => runCommand(words[0] === 'diff' ? diff : report, root, words);

test('a regression ends diff with 99 after its table, and what is allowed does not', async () => {
  const { printed, error } = await run('diff', 'yesterday', 'today');
  assert.deepEqual([error?.code, error?.exitCode], ['regression', 99]);
  assert.match(printed, /wait on sync-2x1-2 .* regression/);
  assert.equal((await run('diff', 'yesterday', 'today', '--allow', '60%')).error, undefined);
  assert.equal((await run('diff', 'yesterday', 'yesterday')).error, undefined);
});

test('diff --json says the same to machines', async () => {
  const { printed } = await run('diff', 'yesterday', 'today', '--json');
  const { state, cells } = JSON.parse(printed);
  assert.deepEqual([state, cells[0].cell, cells[0].change], ['compared', 'wait on sync-2x1-2', 'regression']);
  assert.ok(cells[0].ratio.low < 2 / 3 && cells[0].ratio.high > 2 / 3);
});

test('report makes the files of a run again, with the same bytes, and leaves nothing else behind', async () => {
  const folder = join(root, 'runs/today');
  await run('report', 'today');
  const files = readdirSync(folder);
  assert.deepEqual(files.toSorted(), ['comparison.json', 'model.json', 'report.html', 'summary.md', 'trials.jsonl']);
  const bytes = () => files.map(name => readFileSync(join(folder, name), 'utf8'));
  const first = bytes();
  await run('report', join(folder, 'trials.jsonl'));
  assert.deepEqual(bytes(), first);
});

test('report of a run in which nothing was completed writes no model.json, and says why', async () => {
  const folder = join(root, 'runs/empty');
  mkdirSync(folder);
  const start = { experiment: experimentWith([waitOn('sync')]), runtime: 'local', environment: {} } as const;
  TrialsFile.create(join(folder, 'trials.jsonl'), start)[Symbol.dispose]();
  const { said } = await run('report', 'empty');
  assert.deepEqual(readdirSync(folder).toSorted(), ['comparison.json', 'report.html', 'summary.md', 'trials.jsonl']);
  assert.match(said.join('\n'), /model\.json/);
});

test('report prints every format', async () => {
  for (const [format, beginning] of Object.entries({
    table: 'Objective: p99',
    markdown: '# Comparison',
    json: '{"schema":1',
    html: '<!doctype html>',
    csv: 'workload,deployment',
    junit: '<?xml',
  })) {
    const { printed } = await run('report', 'today', '--format', format);
    assert.ok(printed.startsWith(beginning), format);
  }
});
