import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { pageHeaders as headers, startWeb } from '../testdata/web.ts';
import { securityHeaders } from './guard.ts';

const HOST = '127.0.0.1:8080';

test('a change is made as it was asked for', async () => {
  const { app, stage, toured } = startWeb();
  stage.pass(600);
  assert.equal(stage.director.state.rest, 'untouched');
  const send = async (method: 'PUT' | 'POST', url: string, payload: object) =>
    (await app.inject({ method, url, headers, payload })).statusCode;
  assert.equal(await send('POST', '/api/burst', { requests: 5, deployments: ['hybrid'] }), 204);
  assert.equal(stage.director.state.rest, undefined, 'a change starts a load that rests');
  assert.deepEqual(stage.bursts, [{ target: 'hybrid', requests: 5 }]);
  await send('PUT', '/api/database-connections', { id: 'hybrid', databaseConnections: 10 });
  await send('PUT', '/api/database-connections', { id: 'hybrid' });
  await send('POST', '/api/end-worker', { id: 'sync', worker: 'sync-1.1' });
  await send('POST', '/api/database-away', {});
  assert.deepEqual(stage.done, [
    ...['hybrid has 10', 'hybrid has 40', 'sync-1.1 is ended'],
    'the database is away for 5 s',
  ]);
  await send('POST', '/api/tour/enter', { step: 'C9' });
  await send('POST', '/api/tour/leave', {});
  assert.deepEqual(toured, ['enter C9', 'leave']);
});

const settings = (others: object) =>
  JSON.stringify({
    deployments: ['sync'],
    workload: { route: 'wait', parameters: { ms: 5 } },
    load: { model: 'open', arrivalRate: 5 },
    running: true,
    ...others,
  });

const wrong: [sentence: string, url: string, body: string, detail: RegExp][] = [
  ['half of it', '/api/burst', '{"requests":', /JSON/],
  ['nothing', '/api/burst', '', /body/i],
  ['no object', '/api/burst', '[]', /^The body is wrong/],
  ['something unknown', '/api/burst', '{"requests":5,"more":1}', /"more"/],
  ['text for a number', '/api/burst', '{"requests":"5"}', /^requests is wrong/],
  ['an id that is no text', '/api/burst', '{"requests":5,"deployments":[5]}', /^deployments\.0 is wrong/],
  ['no id', '/api/burst', '{"requests":5,"deployments":[]}', /^deployments is wrong/],
  ['too many requests', '/api/burst', '{"requests":1001}', /1 to 1000 requests/],
  ['a prototype', '/api/burst', '{"requests":5,"__proto__":{"x":1}}', /not valid JSON/],
  ['an unknown step', '/api/tour/enter', '{"step":"C6"}', /^step is wrong/],
  ['an unknown route', '/api/settings', settings({ workload: { route: 'x', parameters: {} } }), /^workload\.route/],
  ['an unknown load', '/api/settings', settings({ load: { model: 'burst' } }), /^load\.model is wrong/],
];

for (const [sentence, url, payload, detail] of wrong) {
  test(`a body with ${sentence} is refused`, async () => {
    const { app, stage, errors } = startWeb();
    const before = stage.director.state;
    const method = url === '/api/settings' ? 'PUT' : 'POST';
    const answer = await app.inject({ method, url, headers, payload });
    const problem = answer.json();
    assert.deepEqual([answer.statusCode, problem.type, problem.title], [400, 'about:blank', 'Bad Request']);
    assert.match(problem.detail, detail);
    assert.deepEqual([stage.director.state, stage.bursts, errors], [before, [], []]);
  });
}

test('a large body is refused', async () => {
  const payload = JSON.stringify({ requests: 5, more: 'x'.repeat(5000) });
  const answer = await startWeb().app.inject({ method: 'POST', url: '/api/burst', headers, payload });
  assert.equal(answer.statusCode, 413);
});

test('an error of its own goes to the log alone', async () => {
  const { app, stage, errors } = startWeb();
  const mistake = new Error('secret at /home/somebody');
  stage.director.burst = () => {
    throw mistake;
  };
  const answer = await app.inject({ method: 'POST', url: '/api/burst', headers, payload: { requests: 5 } });
  assert.equal(answer.statusCode, 500);
  assert.doesNotMatch(answer.body, /secret/);
  assert.deepEqual(errors, [mistake]);
});

test('a missing address, and one that cannot be read, are problems', async () => {
  for (const [url, status] of [
    ['/api/nothing', 404],
    ['/%zz', 400],
  ] as const) {
    const answer = await startWeb().app.inject({ url, headers: { host: HOST } });
    assert.deepEqual([answer.statusCode, answer.headers['content-type']], [status, 'application/problem+json']);
    for (const [name, value] of Object.entries(securityHeaders)) assert.equal(answer.headers[name], value, name);
  }
});

test('what there is to read is read, and not cached', async () => {
  const read = (url: string) => startWeb().app.inject({ url, headers: { host: HOST } });
  assert.deepEqual((await read('/livez')).json(), { live: true });
  assert.deepEqual((await read('/api/runs')).json(), []);
  const totals = await read('/api/totals');
  assert.deepEqual(totals.json(), { k6: { sync: { sent: 7, completed: 6 } }, nginx: { sync: 6 } });
  assert.equal(totals.headers['cache-control'], 'no-store');
});

describe('a browser that goes to an address', () => {
  const go = (url: string, headers: Record<string, string>) => startWeb().app.inject({ url, headers });
  const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  test('gets at an unknown name a page with the line to type, which runs its own script and loads nothing', async () => {
    const answer = await go('/', { host: 'b.example:8080', ...html });
    assert.deepEqual([answer.statusCode, answer.headers['content-type']], [403, 'text/html; charset=utf-8']);
    assert.match(
      answer.body,
      /<pre data-guess="http:\/\/b\.example:8080">PAGE_HOSTS=https:\/\/stage\.example,http:\/\/b\.example:8080 docker/,
    );
    const hash = (element: string) => {
      const [, text = ''] = new RegExp(`<${element}>([^<]*)</${element}>`).exec(answer.body) ?? [];
      return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    };
    assert.equal(
      answer.headers['content-security-policy'],
      `default-src 'none'; style-src ${hash('style')}; script-src ${hash('script')}; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    const tls = await go('/', { host: 'b.example', ...html, 'sec-fetch-mode': 'navigate' });
    assert.match(tls.body, /data-guess="https:\/\/b\.example"/);
  });

  test('gets a page for what is missing', async () => {
    const answer = await go('/runs/x/report.html', { host: HOST, 'sec-fetch-mode': 'navigate' });
    assert.equal(answer.statusCode, 404);
    assert.match(answer.body, /<h1>Not Found<\/h1>/);
  });

  test('gets nothing of a made-up name', async () => {
    for (const host of ['<script>alert(1)</script>', 'b.example"><b>', 'b.example; reboot']) {
      const answer = await go('/', { host, ...html });
      assert.equal(answer.statusCode, 403);
      assert.doesNotMatch(answer.body, /alert|<b>|reboot/);
    }
  });

  test('gets a problem in JSON where a script asks', async () => {
    for (const headers of [{}, { accept: '*/*' }, { ...html, 'sec-fetch-mode': 'cors' }]) {
      const answer = await go('/api/totals', { host: 'b.example', ...headers });
      assert.equal(answer.headers['content-type'], 'application/problem+json');
    }
  });
});

describe('the page', () => {
  const page = mkdtempSync(join(tmpdir(), 'loadline-page-'));
  const script = 'console.log(1)';
  mkdirSync(join(page, 'assets'));
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>Loadline</title>');
  writeFileSync(join(page, 'assets', 'index-4f2a.js'), script);
  writeFileSync(join(page, 'assets', 'index-4f2a.js.br'), brotliCompressSync(script));
  after(() => rmSync(page, { recursive: true }));
  const { app } = startWeb({ page });
  const get = (url: string, others = {}) => app.inject({ url, headers: { host: HOST, ...others } });

  test('is asked for each time, and its files are kept for ever and compressed', async () => {
    const index = await get('/?topologies=sync');
    assert.deepEqual([index.headers['cache-control'], index.statusCode], ['no-cache', 200]);
    for (const [name, value] of Object.entries(securityHeaders)) assert.equal(index.headers[name], value, name);
    const asset = await get('/assets/index-4f2a.js', { 'accept-encoding': 'gzip, br' });
    assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(asset.headers['content-encoding'], 'br');
    assert.equal(brotliDecompressSync(asset.rawPayload).toString(), script);
  });

  test('is no way to other files', async () => {
    for (const url of ['/../package.json', '/%2e%2e/package.json', '/assets/..%2f..%2fetc/passwd', '/assets/']) {
      assert.ok([403, 404].includes((await get(url)).statusCode), url);
    }
  });

  test('that is not built says what builds it', async () => {
    const answer = await startWeb().app.inject({ url: '/', headers: { host: HOST } });
    assert.equal(answer.statusCode, 503);
  });
});
