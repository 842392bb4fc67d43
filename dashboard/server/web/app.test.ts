import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { securityHeaders } from './security-headers.ts';
import { CLIENT, PAGE_TOKEN, webOf } from './testdata/web.ts';

const HOST = '127.0.0.1:8080';

test('what the page asks for is done, by whom it drives', async () => {
  const { app, stage, drivers, toured, headers } = webOf();
  const send = async (method: 'PUT' | 'POST', url: string, payload: object) =>
    (await app.inject({ method, url, headers, payload })).statusCode;
  assert.equal(await send('POST', '/api/burst', { requests: 5, deployments: ['hybrid'] }), 204);
  assert.deepEqual(stage.bursts, [{ target: 'hybrid', requests: 5 }]);
  assert.equal(await send('PUT', '/api/database-connections', { id: 'hybrid' }), 204);
  assert.equal(await send('POST', '/api/end-worker', { id: 'sync', worker: 'sync-1.1' }), 204);
  assert.equal(await send('POST', '/api/database-away', {}), 204);
  assert.deepEqual(stage.done, ['hybrid has its own', 'sync-1.1 is ended', 'the database is away for 5 s']);
  assert.equal(await send('POST', '/api/tour/enter', { step: 'C9' }), 204);
  assert.equal(await send('POST', '/api/tour/leave', {}), 204);
  assert.deepEqual(toured, ['enter C9', 'leave']);
  assert.equal(drivers.driver, CLIENT);
});

test('who does not drive changes nothing, and touches nothing', async () => {
  const { app, stage, drivers, headers } = webOf();
  stage.pass(600);
  drivers.came('somebody-else');
  drivers.touch('somebody-else');
  const answer = await app.inject({ method: 'POST', url: '/api/burst', headers, payload: { requests: 5 } });
  assert.equal(answer.statusCode, 409);
  assert.match(answer.json().detail, /^Somebody else drives, and you watch/);
  assert.deepEqual(stage.bursts, []);
  assert.equal(stage.director.state.rest, 'untouched');
});

test('the wheel is taken by a request of its own', async () => {
  const { app, stage, drivers, headers } = webOf();
  drivers.came('somebody-else');
  drivers.touch('somebody-else');
  const take = async () => (await app.inject({ method: 'POST', url: '/api/drive', headers, payload: {} })).statusCode;
  assert.equal(await take(), 409);
  stage.time += 120;
  assert.equal(await take(), 204);
  assert.equal(drivers.driver, CLIENT);
});

const wrong: [sentence: string, method: 'POST' | 'PUT', url: string, body: string, detail: RegExp][] = [
  ['half of it', 'POST', '/api/burst', '{"requests":', /JSON/],
  ['nothing', 'POST', '/api/burst', '', /body/i],
  ['no object', 'POST', '/api/burst', '[]', /^The body is wrong: .*object/],
  ['something unknown', 'POST', '/api/burst', '{"requests":5,"more":1}', /^The body is wrong: .*"more"/],
  ['text for a number', 'POST', '/api/burst', '{"requests":"5"}', /^requests is wrong: .*number/],
  ['an id that is no text', 'POST', '/api/burst', '{"requests":5,"deployments":[5]}', /^deployments\.0 is wrong/],
  ['no id', 'POST', '/api/burst', '{"requests":5,"deployments":[]}', /^deployments is wrong/],
  ['too many requests', 'POST', '/api/burst', '{"requests":1001}', /1 to 1000 requests, not 1001/],
  ['a prototype', 'POST', '/api/burst', '{"requests":5,"__proto__":{"x":1}}', /not valid JSON/],
  ['an unknown step', 'POST', '/api/tour/enter', '{"step":"C6"}', /^step is wrong/],
  [
    'an unknown route',
    'PUT',
    '/api/settings',
    settings({ workload: { route: 'x', parameters: {} } }),
    /^workload\.route is/,
  ],
  ['an unknown load', 'PUT', '/api/settings', settings({ load: { model: 'burst' } }), /^load\.model is wrong/],
  ['no deployments', 'PUT', '/api/settings', settings({ deployments: [] }), /^deployments is wrong/],
  [
    'too high a load',
    'PUT',
    '/api/settings',
    settings({ load: { model: 'open', arrivalRate: 1001 } }),
    /0 to 1000 requests/,
  ],
];

function settings(others: object): string {
  const usual = {
    deployments: ['sync'],
    workload: { route: 'wait', parameters: { ms: 5 } },
    load: { model: 'open', arrivalRate: 5 },
    running: true,
  };
  return JSON.stringify({ ...usual, ...others });
}

for (const [sentence, method, url, payload, detail] of wrong) {
  test(`a body with ${sentence} is a problem that says what is wrong`, async () => {
    const { app, stage, errors, headers } = webOf();
    const before = stage.director.state.settings;
    const answer = await app.inject({ method, url, headers, payload });
    const problem = answer.json();
    assert.equal(answer.statusCode, 400);
    assert.deepEqual([problem.type, problem.title, problem.status], ['about:blank', 'Bad Request', 400]);
    assert.match(problem.detail, detail);
    assert.deepEqual([stage.bursts, errors], [[], []]);
    assert.equal(stage.director.state.settings, before);
  });
}

test('a large body is refused', async () => {
  const { app, headers } = webOf();
  const payload = JSON.stringify({ requests: 5, more: 'x'.repeat(5000) });
  const answer = await app.inject({ method: 'POST', url: '/api/burst', headers, payload });
  assert.deepEqual([answer.statusCode, answer.json().title], [413, 'Payload Too Large']);
});

test('a client without a name is refused', async () => {
  const { app, headers } = webOf();
  for (const name of ['', 'short', 'x'.repeat(65), 'with a blank']) {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/drive',
      headers: { ...headers, 'x-loadline-client': name },
      payload: {},
    });
    assert.equal(answer.statusCode, 400, name);
  }
});

test('of a mistake of its own it tells nothing but that it made one', async () => {
  const { app, stage, errors, headers } = webOf();
  const mistake = new Error('secret at /home/somebody');
  stage.director.burst = () => {
    throw mistake;
  };
  const answer = await app.inject({ method: 'POST', url: '/api/burst', headers, payload: { requests: 5 } });
  assert.equal(answer.statusCode, 500);
  assert.equal(answer.json().detail, 'The dashboard made a mistake; its log says which.');
  assert.deepEqual(errors, [mistake]);
});

test('what is not there is a problem, and so is an address that cannot be read', async () => {
  const { app } = webOf();
  for (const [url, status] of [
    ['/api/nothing', 404],
    ['/%zz', 400],
  ] as const) {
    const answer = await app.inject({ url, headers: { host: HOST } });
    assert.equal(answer.statusCode, status);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.headers['content-security-policy'], securityHeaders['content-security-policy']);
  }
});

test('what there is to read is read', async () => {
  const { app, headers } = webOf();
  const read = async (url: string) => (await app.inject({ url, headers: { host: HOST } })).json();
  assert.deepEqual(await read('/livez'), { live: true });
  assert.deepEqual(await read('/api/totals'), { k6: { sync: { sent: 7, completed: 6 } }, nginx: { sync: 6 } });
  assert.deepEqual(await read('/api/runs'), []);
  assert.equal(headers.authorization, `Bearer ${(await read('/api/session')).token}`);
  assert.match(headers.authorization ?? '', /^Bearer [\w-]{43}$/);
});

test('who logs in gets the token by the session', async () => {
  const { app, headers } = webOf({ pageToken: PAGE_TOKEN });
  const login = (token: string) => app.inject({ method: 'POST', url: '/api/login', headers, payload: { token } });
  const refused = await login('wrong');
  assert.deepEqual([refused.statusCode, refused.headers['set-cookie']], [401, undefined]);
  const answer = await login(PAGE_TOKEN);
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  const session = await app.inject({ url: '/api/session', headers: { host: HOST, cookie } });
  assert.equal(session.statusCode, 200);
  assert.equal(`Bearer ${session.json().token}`, headers.authorization);
});

test('a session that is got through TLS stays there', async () => {
  const { app, headers } = webOf({ pageToken: PAGE_TOKEN });
  const cookieAt = async (host: string, origin: string) => {
    const payload = { token: PAGE_TOKEN };
    const answer = await app.inject({
      method: 'POST',
      url: '/api/login',
      headers: { ...headers, host, origin },
      payload,
    });
    return String(answer.headers['set-cookie']);
  };
  assert.match(await cookieAt('stage.example', 'https://stage.example'), /; Secure$/);
  assert.doesNotMatch(await cookieAt(HOST, `http://${HOST}`), /Secure/);
});

test('the answers of the interface are not kept by browsers', async () => {
  const { app } = webOf();
  const answer = await app.inject({ url: '/api/session', headers: { host: HOST } });
  assert.equal(answer.headers['cache-control'], 'no-store');
});

describe('who goes to an address in a browser', () => {
  const { app } = webOf();
  const go = (url: string, headers: Record<string, string>) => app.inject({ url, headers });
  const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  test('sees at an unknown name a page with the line to type, which runs its own script and loads nothing', async () => {
    const answer = await go('/', { host: 'b.example:8080', ...html });
    assert.equal(answer.statusCode, 403);
    assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
    assert.match(
      answer.body,
      /<pre>PAGE_HOSTS=https:\/\/stage\.example,.*http:\/\/b\.example:8080.*docker compose up<\/pre>/,
    );
    const [, script = ''] = /<script>([^<]*)<\/script>/.exec(answer.body) ?? [];
    const [, style = ''] = /<style>([^<]*)<\/style>/.exec(answer.body) ?? [];
    const sourceOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    assert.equal(
      answer.headers['content-security-policy'],
      `default-src 'none'; style-src ${sourceOf(style)}; script-src ${sourceOf(script)}; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });

  test('sees the origin with TLS where the browser tells what it is doing, which it does to those alone', async () => {
    const answer = await go('/', { host: 'b.example', ...html, 'sec-fetch-mode': 'navigate' });
    assert.match(answer.body, />https:\/\/b\.example</);
  });

  test('sees what is missing as a page too', async () => {
    const answer = await go('/runs/x/report.html', { host: HOST, 'sec-fetch-mode': 'navigate' });
    assert.equal(answer.statusCode, 404);
    assert.match(answer.body, /<h1>Not Found<\/h1>\n<p>This run has no report/);
  });

  test('sees nothing of what a made-up name holds', async () => {
    for (const host of ['<script>alert(1)</script>', 'b.example"><b>', 'b.example; reboot']) {
      const answer = await go('/', { host, ...html });
      assert.equal(answer.statusCode, 403);
      assert.doesNotMatch(answer.body, /alert|<b>|reboot/);
    }
  });

  test('is answered with a problem where a script asks', async () => {
    for (const headers of [{}, { accept: '*/*' }, { ...html, 'sec-fetch-mode': 'cors' }]) {
      const answer = await go('/api/session', { host: 'b.example', ...headers });
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
  const { app } = webOf({ page });

  test('is asked for anew each time, and what it loads is kept for ever', async () => {
    const index = await app.inject({ url: '/?topologies=sync', headers: { host: HOST } });
    assert.equal(index.headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(index.headers['cache-control'], 'no-cache');
    assert.match(index.body, /Loadline/);
    const asset = await app.inject({ url: '/assets/index-4f2a.js', headers: { host: HOST } });
    assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.match(String(asset.headers['content-type']), /^(text|application)\/javascript/);
    for (const answer of [index, asset]) {
      for (const [name, value] of Object.entries(securityHeaders)) assert.equal(answer.headers[name], value, name);
    }
  });

  test('is sent compressed to who takes that', async () => {
    const headers = { host: HOST, 'accept-encoding': 'gzip, br' };
    const answer = await app.inject({ url: '/assets/index-4f2a.js', headers });
    assert.equal(answer.headers['content-encoding'], 'br');
    assert.equal(brotliDecompressSync(answer.rawPayload).toString(), script);
    assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable');
  });

  test('is no way to other files', async () => {
    for (const url of ['/../package.json', '/%2e%2e/package.json', '/assets/..%2f..%2fetc/passwd', '/assets/']) {
      assert.ok([403, 404].includes((await app.inject({ url, headers: { host: HOST } })).statusCode), url);
    }
  });

  test('that is not built says what builds it', async () => {
    const answer = await webOf().app.inject({ url: '/', headers: { host: HOST } });
    assert.equal(answer.statusCode, 503);
    assert.match(answer.json().detail, /The page is not built/);
  });
});
