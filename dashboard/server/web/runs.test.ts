import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Refusal } from '../refusal.ts';
import { startWeb } from '../testdata/web.ts';
import { reportPolicy } from './guard.ts';
import { listRuns } from './runs.ts';

// Not in TMPDIR, whose parents may be closed to other users.
const folder = mkdtempSync('/tmp/loadline-runs-');
const runs = join(folder, 'runs');
const host = '127.0.0.1:8080';

function add(name: string, files: Record<string, string>): void {
  mkdirSync(join(runs, name), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(runs, name, file), text);
}

before(() => {
  chmodSync(folder, 0o755);
  add('2026-11-27T090515-quick', {
    'trials.jsonl': '{}\n',
    'comparison.json': '{"experiment":"quick","runtime":"local"}',
    'summary.md': '# Comparison quick\n\n- wait: hybrid \\| carries most.\n- cpu: sync.\n\n## wait\n\n- no\n',
    'report.html': '<style>p { top: 1px }</style><p>The answer</p>',
    'model.json': '{"schema":1}',
  });
  add('2026-11-28T101112-full', {
    'trials.jsonl': '{}\n',
    'experiment.json': '{"experiment":{"name":"full"},"runtime":"compose"}',
    'comparison.json': '{"cut',
  });
  add('2026-11-26T000000-nothing-measured', { 'experiment.json': '{}' });
  symlinkSync('2026-11-28T101112-full', join(runs, 'latest'));
  writeFileSync(join(folder, 'report.html'), 'outside');
});
after(() => rmSync(folder, { recursive: true }));

/** As another user, where the test is root, who may read everything. */
async function asNobody<T>(act: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.('nobody');
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
  }
}

test('runs with measurements are listed, the latest first', async () => {
  assert.deepEqual(await listRuns(runs), [
    {
      ...{ name: '2026-11-28T101112-full', readable: true, experiment: 'full', runtime: 'compose' },
      ...{ begun: '2026-11-28T10:11:12.000Z', answers: [], report: false, model: false },
    },
    {
      ...{ name: '2026-11-27T090515-quick', readable: true, experiment: 'quick', runtime: 'local' },
      ...{ begun: '2026-11-27T09:05:15.000Z', report: true, model: true },
      answers: ['wait: hybrid | carries most.', 'cpu: sync.'],
    },
  ]);
  assert.deepEqual(await listRuns(join(folder, 'nowhere')), []);
});

test('a run that the dashboard may not read is listed as such, and a folder of runs is refused', async () => {
  const closed = join(folder, 'closed');
  for (const name of ['1-open', '2-closed-folder', '3-closed-file']) {
    mkdirSync(join(closed, name), { recursive: true });
    writeFileSync(join(closed, name, 'trials.jsonl'), '{}\n');
    chmodSync(join(closed, name), 0o755);
    chmodSync(join(closed, name, 'trials.jsonl'), 0o644);
  }
  chmodSync(closed, 0o755);
  chmodSync(join(closed, '2-closed-folder'), 0);
  chmodSync(join(closed, '3-closed-file', 'trials.jsonl'), 0);
  const listed = await asNobody(() => listRuns(closed));
  assert.deepEqual(
    listed.map(({ name, readable }) => [name, readable]),
    [
      ['3-closed-file', false],
      ['2-closed-folder', false],
      ['1-open', true],
    ],
  );
  chmodSync(closed, 0);
  const error = await asNobody(() => listRuns(closed).catch((error: unknown) => error));
  assert.ok(error instanceof Refusal);
  assert.deepEqual([error.status, error.words.command], [503, 'chmod -R a+rX closed']);
  chmodSync(closed, 0o755);
});

test('a report is served under its own policy, and a model to the page alone', async () => {
  const { app } = startWeb({ runs });
  const report = await app.inject({ url: '/runs/2026-11-27T090515-quick/report.html', headers: { host } });
  assert.equal(report.body, '<style>p { top: 1px }</style><p>The answer</p>');
  assert.equal(report.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(report.headers['content-security-policy'], reportPolicy);
  const url = '/runs/2026-11-27T090515-quick/model.json';
  const model = await app.inject({ url, headers: { host } });
  assert.deepEqual([model.body, model.headers['content-type']], ['{"schema":1}', 'application/json']);
  const foreign = await app.inject({ url, headers: { host, 'sec-fetch-site': 'cross-site' } });
  assert.equal(foreign.statusCode, 403);
});

test('nothing else is served', async () => {
  const { app } = startWeb({ runs });
  for (const url of [
    '/runs/../report.html',
    '/runs/%2e%2e/report.html',
    '/runs/..%2f..%2freport.html/report.html',
    '/runs/2026-11-27T090515-quick/trials.jsonl',
    '/runs/2026-11-27T090515-quick/../../report.html',
    '/runs/latest/model.json',
    '/runs/x%00y/report.html',
    '/runs/2026-11-28T101112-full/report.html',
  ]) {
    assert.equal((await app.inject({ url, headers: { host } })).statusCode, 404, url);
  }
});
