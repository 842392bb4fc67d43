import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Refusal } from '../parts.ts';
import { listRuns, modelOf, reportOf } from './runs.ts';
import { webOf } from './testdata/web.ts';

describe('runs of compare', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadline-runs-'));
  const runs = join(folder, 'runs');
  before(() => {
    const add = (name: string, files: Record<string, string>) => {
      mkdirSync(join(runs, name), { recursive: true });
      for (const [file, text] of Object.entries(files)) writeFileSync(join(runs, name, file), text);
    };
    add('2026-11-27T090515-quick', {
      'trials.jsonl': '{}\n',
      'experiment.json': '{"experiment":{"name":"quick"},"runtime":"local"}',
      'comparison.json': '{"experiment":"quick","runtime":"local"}',
      'summary.md':
        '# Comparison quick\n\nObjective.\n\n- wait: hybrid \\| carries most.\n- cpu: sync.\n\n## wait\n\n- no\n',
      'report.html': '<style>p { top: 1px }</style><p>The answer</p>',
      'model.json': '{"schema":1}',
    });
    add('2026-11-28T101112-full-2', {
      'trials.jsonl': '{}\n',
      'experiment.json': '{"experiment":{"name":"full"},"runtime":"compose"}',
      'comparison.json': '{"cut',
    });
    add('too-large', { 'model.json': ' '.repeat(1_000_001) });
    add('a-folder/model.json', {});
    add('2026-11-26T000000-nothing-measured', { 'experiment.json': '{}' });
    add('..hidden', { 'trials.jsonl': '' });
    symlinkSync('2026-11-28T101112-full-2', join(runs, 'latest'));
    writeFileSync(join(runs, '.gitkeep'), '');
    writeFileSync(join(folder, 'report.html'), 'outside');
    mkdirSync(join(folder, 'elsewhere'));
    writeFileSync(join(folder, 'model.json'), '{}');
    for (const file of ['report.html', 'model.json']) writeFileSync(join(folder, 'elsewhere', file), 'elsewhere');
    symlinkSync(join(folder, 'elsewhere'), join(runs, 'a-way-out'));
    mkdirSync(join(runs, 'a-file-out'));
    symlinkSync(join(folder, 'report.html'), join(runs, 'a-file-out', 'report.html'));
    symlinkSync('../2026-11-27T090515-quick/model.json', join(runs, 'a-file-out', 'model.json'));
  });
  after(() => rmSync(folder, { recursive: true }));

  test('those in which something was measured are listed, the latest first', async () => {
    assert.deepEqual(await listRuns(runs), [
      {
        name: '2026-11-28T101112-full-2',
        readable: true,
        experiment: 'full',
        runtime: 'compose',
        begun: '2026-11-28T10:11:12.000Z',
        answers: [],
        report: false,
        model: false,
      },
      {
        name: '2026-11-27T090515-quick',
        readable: true,
        experiment: 'quick',
        runtime: 'local',
        begun: '2026-11-27T09:05:15.000Z',
        answers: ['wait: hybrid | carries most.', 'cpu: sync.'],
        report: true,
        model: true,
      },
    ]);
  });

  test('only what would be served is offered: no link, nothing too large, no folder', async () => {
    const odd = join(folder, 'odd');
    const add = (name: string) => {
      mkdirSync(join(odd, name), { recursive: true });
      writeFileSync(join(odd, name, 'trials.jsonl'), '{}\n');
    };
    for (const name of ['1-small', '2-large', '3-links', '4-folders', '5-largest']) add(name);
    writeFileSync(join(odd, '1-small', 'model.json'), '{}');
    writeFileSync(join(odd, '1-small', 'report.html'), '');
    writeFileSync(join(odd, '2-large', 'model.json'), ' '.repeat(1_000_001));
    writeFileSync(join(odd, '5-largest', 'model.json'), ' '.repeat(1_000_000));
    for (const file of ['model.json', 'report.html']) {
      symlinkSync(`../1-small/${file}`, join(odd, '3-links', file));
      mkdirSync(join(odd, '4-folders', file));
    }
    symlinkSync('1-small', join(odd, '6-link'));
    const offered = (await listRuns(odd)).map(({ name, report, model }) => [name, report, model]);
    assert.deepEqual(offered, [
      ['6-link', false, false],
      ['5-largest', false, true],
      ['4-folders', false, false],
      ['3-links', false, false],
      ['2-large', false, false],
      ['1-small', true, true],
    ]);
    for (const [name, report, model] of offered) {
      assert.equal((await reportOf(odd, String(name))) !== undefined, report, `${name}`);
      assert.equal((await modelOf(odd, String(name))) !== undefined, model, `${name}`);
    }
  });

  test('a run that the dashboard may not read is listed as such', async () => {
    // Not where TMPDIR says: its parents may be closed to others.
    const closed = mkdtempSync('/tmp/loadline-closed-');
    for (const name of ['1-open', '2-closed-folder', '3-closed-file']) {
      mkdirSync(join(closed, name), { recursive: true });
      writeFileSync(join(closed, name, 'trials.jsonl'), '{}\n');
    }
    chmodSync(join(closed, '2-closed-folder'), 0);
    chmodSync(join(closed, '3-closed-file', 'trials.jsonl'), 0);
    // Whatever the umask of who runs the test is.
    for (const path of [closed, join(closed, '1-open'), join(closed, '3-closed-file')]) chmodSync(path, 0o755);
    chmodSync(join(closed, '1-open', 'trials.jsonl'), 0o644);
    const listed = await asNobody(() => listRuns(closed));
    assert.deepEqual(
      listed.map(({ name, readable }) => [name, readable]),
      [
        ['3-closed-file', false],
        ['2-closed-folder', false],
        ['1-open', true],
      ],
    );
    rmSync(closed, { recursive: true });
  });

  test('a folder of runs that the dashboard may not read is refused, with the line that opens it', async () => {
    const closed = join(folder, 'closed-runs');
    mkdirSync(closed, { mode: 0 });
    const refusal = await asNobody(() => listRuns(closed).catch((error: unknown) => error));
    assert.ok(refusal instanceof Refusal);
    assert.deepEqual([refusal.status, refusal.words.command], [503, 'chmod -R a+rX closed-runs']);
  });

  test('where there is no folder there are no runs', async () => {
    assert.deepEqual(await listRuns(join(folder, 'nowhere')), []);
  });

  test('a report is served as it is, under a policy of its own', async () => {
    const { app, headers } = webOf({ runs });
    const answer = await app.inject({
      url: '/runs/2026-11-27T090515-quick/report.html',
      headers: { host: headers.host },
    });
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
    assert.match(
      String(answer.headers['content-security-policy']),
      /^default-src 'none'; style-src 'unsafe-hashes' 'sha256-/,
    );
    assert.equal(answer.body, '<style>p { top: 1px }</style><p>The answer</p>');
  });

  test('a model is served as it is, to the page alone', async () => {
    const { app, headers } = webOf({ runs });
    const url = '/runs/2026-11-27T090515-quick/model.json';
    const answer = await app.inject({ url, headers: { host: headers.host } });
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.equal(answer.body, '{"schema":1}');
    const foreign = await app.inject({ url, headers: { host: headers.host, 'sec-fetch-site': 'cross-site' } });
    assert.equal(foreign.statusCode, 403);
  });

  const ways = [
    '..',
    '.',
    '',
    '../runs/2026-11-27T090515-quick',
    'a-way-out',
    'a-file-out',
    '..hidden',
    'latest',
    'x\0y',
  ];
  for (const name of ways) {
    test(`there is no report and no model of ${JSON.stringify(name)}`, async () => {
      assert.equal(await reportOf(runs, name), undefined);
      assert.equal(await modelOf(runs, name), undefined);
    });
  }

  test('a model that is too large, or no file, is none', async () => {
    assert.equal(await modelOf(runs, 'too-large'), undefined);
    assert.equal(await modelOf(runs, 'a-folder'), undefined);
  });

  const addresses = [
    '/runs/../report.html',
    '/runs/%2e%2e/report.html',
    '/runs/..%2f..%2freport.html/report.html',
    '/runs/2026-11-27T090515-quick/trials.jsonl',
    '/runs/2026-11-27T090515-quick/../../report.html',
    '/runs/a-way-out/report.html',
    '/runs/a-way-out/model.json',
    '/runs/..%2f..%2fmodel.json/model.json',
    '/runs/2026-11-28T101112-full-2/model.json',
    '/runs/2026-11-28T101112-full-2/report.html',
  ];
  for (const url of addresses) {
    test(`nothing is found at ${url}`, async () => {
      const { app, headers } = webOf({ runs });
      const answer = await app.inject({ url, headers: { host: headers.host } });
      assert.equal(answer.statusCode, 404);
      assert.equal(answer.headers['content-type'], 'application/problem+json');
    });
  }
});

/** Does it as a user who owns nothing, where the test is root, who may read everything. */
async function asNobody<T>(act: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.('nobody');
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
  }
}
