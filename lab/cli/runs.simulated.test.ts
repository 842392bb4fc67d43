import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Command } from 'commander';
import { LoadlineError } from '../../model/errors.ts';
import { TrialsFile } from '../run/trials-file.ts';
import { experimentOf, waitOn } from '../search/testdata/cells.ts';
import { search } from '../search/testdata/simulated-service.ts';
import * as diff from './diff.ts';
import * as report from './report.ts';

let root: string;

before(() => {
  root = mkdtempSync(join(tmpdir(), 'loadline-runs-'));
  for (const [name, serviceTime] of Object.entries({ yesterday: 0.021, today: 0.0315 })) {
    const folder = join(root, 'runs', name);
    mkdirSync(folder, { recursive: true });
    const experiment = experimentOf([waitOn('sync')]);
    using file = TrialsFile.create(join(folder, 'trials.jsonl'), { experiment, runtime: 'local', environment: {} });
    for (const result of search(experiment, () => ({ serviceTime, cpuPerRequest: 0.0005, cpus: 2 })))
      file.append(result);
  }
});
after(() => rmSync(root, { recursive: true }));

/** What a command printed, and what it ended with. */
async function ran(...words: string[]): Promise<{ printed: string; said: string[]; error?: LoadlineError }> {
  const lines: string[] = [];
  const said: string[] = [];
  const context = {
    root,
    signal: new AbortController().signal,
    say: (line: string) => void said.push(line),
    print: (text: string) => void lines.push(text),
  };
  const program = new Command().exitOverride();
  for (const { register } of [diff, report]) register(program, context);
  try {
    await program.parseAsync(words, { from: 'user' });
    return { printed: lines.join('\n'), said };
  } catch (error) {
    assert.ok(error instanceof LoadlineError, String(error));
    return { printed: lines.join('\n'), said, error };
  }
}

test('a regression ends diff with 99 after its table, and what is allowed does not', async () => {
  const { printed, error } = await ran('diff', 'yesterday', 'today');
  assert.deepEqual([error?.code, error?.exitCode], ['regression', 99]);
  assert.match(printed, /wait on sync-2x1-2 .* regression/);
  assert.equal((await ran('diff', 'yesterday', 'today', '--allow', '60%')).error, undefined);
  assert.equal((await ran('diff', 'yesterday', 'yesterday')).error, undefined);
});

test('diff --json says the same to machines', async () => {
  const { printed } = await ran('diff', 'yesterday', 'today', '--json');
  const { state, cells } = JSON.parse(printed);
  assert.deepEqual([state, cells[0].cell, cells[0].change], ['compared', 'wait on sync-2x1-2', 'regression']);
  assert.ok(cells[0].ratio.low < 2 / 3 && cells[0].ratio.high > 2 / 3);
});

test('an allowance that is no percentage and a run that is not there are refused', async () => {
  assert.equal((await ran('diff', 'yesterday', 'today', '--allow', '0.05')).error?.code, 'usage');
  assert.match((await ran('diff', 'yesterday', 'tomorrow')).error?.message ?? '', /There is no run tomorrow: /);
});

test('report makes the files of a run again, with the same bytes, and leaves nothing else behind', async () => {
  const folder = join(root, 'runs/today');
  await ran('report', 'today');
  const files = readdirSync(folder);
  assert.deepEqual(files.toSorted(), ['comparison.json', 'model.json', 'report.html', 'summary.md', 'trials.jsonl']);
  const bytes = () => files.map(name => readFileSync(join(folder, name), 'utf8'));
  const first = bytes();
  await ran('report', join(folder, 'trials.jsonl'));
  assert.deepEqual(bytes(), first);
});

test('report of a run in which nothing was completed writes no model.json, and says why', async () => {
  const folder = join(root, 'runs/empty');
  mkdirSync(folder);
  const start = { experiment: experimentOf([waitOn('sync')]), runtime: 'local', environment: {} } as const;
  TrialsFile.create(join(folder, 'trials.jsonl'), start)[Symbol.dispose]();
  const { said } = await ran('report', 'empty');
  assert.deepEqual(readdirSync(folder).toSorted(), ['comparison.json', 'report.html', 'summary.md', 'trials.jsonl']);
  assert.match(said.join('\n'), /^There is no model\.json: no trial .* was completed/);
});

test('report prints every format that it names, and names them for one that it does not know', async () => {
  for (const [format, beginning] of Object.entries({
    table: 'At p99',
    markdown: '# Comparison',
    json: '{"schema":1',
    html: '<!doctype html>',
    csv: 'workload,deployment',
    junit: '<?xml',
  })) {
    const { printed } = await ran('report', 'today', '--format', format);
    assert.ok(printed.startsWith(beginning), format);
  }
  const { error } = await ran('report', 'today', '--format', 'pdf');
  assert.match(error?.message ?? '', /--format is pdf; it can be table, markdown, json, html, csv, junit\./);
});
