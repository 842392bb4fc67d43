import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CspEvaluator } from 'csp_evaluator';
import { CspParser } from 'csp_evaluator/dist/parser.js';
import type { InjectOptions } from 'fastify';
import type { ChangeRoute, Changes } from '../../protocol.ts';
import { PAGE_TOKEN, pageHeaders, startWeb, type Web } from '../testdata/web.ts';
import { pagePolicy, reportPolicy } from './guard.ts';

type Headers = Record<string, string | undefined>;

const SESSION = 'POST /api/session';
/** A body that each route accepts. */
const bodies: { readonly [Route in ChangeRoute]: Changes[Route] } & { [SESSION]: object } = {
  'PUT /api/settings': {
    deployments: ['sync'],
    workload: { route: 'wait', parameters: { ms: 5 } },
    load: { model: 'open', arrivalRate: 5 },
    running: true,
  },
  'POST /api/burst': { requests: 5 },
  'POST /api/hold-cpu': {},
  'PUT /api/database-connections': { id: 'hybrid', databaseConnections: 10 },
  'POST /api/end-worker': { id: 'hybrid', worker: 'hybrid-1.1' },
  'POST /api/database-away': {},
  'POST /api/tour/enter': { step: 'C1' },
  'POST /api/tour/measure': {},
  'POST /api/tour/leave': {},
  [SESSION]: {},
};
const routes = Object.keys(bodies) as (keyof typeof bodies)[];
const reads = ['/api/totals', '/api/runs', '/runs/x/model.json'];

function buildRequest(route: keyof typeof bodies, others: Headers = {}, body: object = bodies[route]): InjectOptions {
  const [method, url] = route.split(' ') as ['POST' | 'PUT', string];
  const sent = Object.entries({ ...pageHeaders, ...others }).filter(([, value]) => value !== undefined);
  return { method, url, headers: Object.fromEntries(sent) as Record<string, string>, payload: JSON.stringify(body) };
}

async function fetchCookie({ app }: Web, headers: Headers = {}): Promise<string> {
  const answer = await app.inject(buildRequest(SESSION, headers, { token: PAGE_TOKEN }));
  assert.equal(answer.statusCode, 204, answer.body);
  return String(answer.headers['set-cookie']);
}

/** Everything that a change could leave behind. */
function traces({ stage, toured }: Web): string {
  return JSON.stringify([stage.director.state, stage.bursts, stage.done, toured]);
}

const intrusions: [sentence: string, headers: Headers, status: number][] = [
  ['from a foreign origin', { origin: 'http://evil.example' }, 403],
  ['from another port of this machine', { origin: 'http://127.0.0.1:8081' }, 403],
  ['from a known name in another scheme', { host: 'stage.example', origin: 'http://stage.example' }, 403],
  ['from another of its names than it is asked under', { origin: 'http://localhost:8080' }, 403],
  ['from an opaque origin', { origin: 'null' }, 403],
  ['without an origin', { origin: undefined }, 403],
  ['from what the browser calls another site', { 'sec-fetch-site': 'cross-site' }, 403],
  ['from what the browser calls the same site', { 'sec-fetch-site': 'same-site' }, 403],
  ['under a foreign name', { host: 'evil.example', origin: 'http://evil.example' }, 403],
  ['under its address with another port', { host: '127.0.0.1:8081' }, 403],
  ['under a name that begins like loopback', { host: '127.0.0.1.evil.example' }, 403],
  ['under a name that ends like loopback', { host: 'evil.localhost.', origin: 'http://evil.localhost.' }, 403],
  ['under an address, without a token', { host: '192.168.1.5:8080', origin: 'http://192.168.1.5:8080' }, 403],
  ['as a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ['as text, which needs no preflight', { 'content-type': 'text/plain' }, 415],
  ['without a media type', { 'content-type': undefined }, 415],
];

for (const route of routes) {
  test(`${route} does what the page asks, and nothing for others`, async () => {
    const web = startWeb({ pageToken: PAGE_TOKEN });
    const before = traces(web);
    assert.equal((await web.app.inject(buildRequest(route))).statusCode, 401);
    const forged = { cookie: `loadline-session=${'0'.repeat(64)}` };
    assert.equal((await web.app.inject(buildRequest(route, forged))).statusCode, 401);
    const cookie = await fetchCookie(web);
    const open = startWeb();
    for (const [sentence, headers, status] of intrusions) {
      const answer = await open.app.inject(buildRequest(route, { ...headers, cookie }));
      assert.deepEqual([answer.statusCode, answer.json().status], [status, status], sentence);
    }
    assert.deepEqual([traces(web), traces(open)], [before, before]);
    const answer = await web.app.inject(buildRequest(route, { cookie }));
    assert.deepEqual([answer.statusCode, web.errors], [204, []], answer.body);
    assert.equal(traces(web) === before, route === SESSION);
  });
}

test('reads are refused under a foreign name, to other sites and without a login', async () => {
  for (const url of reads) {
    const status = async (web: Web, headers: Record<string, string>) =>
      (await web.app.inject({ url, headers: { host: '127.0.0.1:8080', ...headers } })).statusCode;
    assert.equal(await status(startWeb(), { host: 'evil.example:8080' }), 403);
    assert.equal(await status(startWeb(), { 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal(await status(startWeb(), { origin: 'http://evil.example' }), 403);
    assert.equal(await status(startWeb({ pageToken: PAGE_TOKEN }), {}), 401);
  }
});

test('the page itself and its health need no login, and no foreign name gets them', async () => {
  const { app } = startWeb({ pageToken: PAGE_TOKEN });
  const status = async (url: string, host: string) => (await app.inject({ url, headers: { host } })).statusCode;
  assert.deepEqual([await status('/', '127.0.0.1:3000'), await status('/livez', 'LOCALHOST:8080')], [503, 200]);
  assert.deepEqual([await status('/', 'evil.example'), await status('/livez', 'evil.example')], [403, 403]);
});

const places: [sentence: string, host: string, origin: string, needsToken: boolean][] = [
  ['through a tunnel, at any port', 'localhost:9999', 'http://localhost:9999', false],
  ['through a tunnel by IPv6', '[::1]:9999', 'http://[::1]:9999', false],
  ['behind TLS on this machine', 'localhost:8443', 'https://localhost:8443', false],
  ['behind TLS, under a known name', 'stage.example', 'https://stage.example', false],
  ['behind a proxy that asks by its own address', '127.0.0.1:8080', 'https://stage.example', false],
  ['from another machine, with a token', '192.168.1.5:8080', 'http://192.168.1.5:8080', true],
  ['from another machine by IPv6, with a token', '[fd00::5]:8080', 'http://[fd00::5]:8080', true],
];

for (const [sentence, host, origin, needsToken] of places) {
  test(`the page works ${sentence}`, async () => {
    const web = startWeb(needsToken ? { pageToken: PAGE_TOKEN } : {});
    const place: Headers = { host, origin, 'sec-fetch-site': undefined };
    const cookie = needsToken ? await fetchCookie(web, place) : undefined;
    for (const route of [SESSION, 'POST /api/burst'] as const) {
      const answer = await web.app.inject(buildRequest(route, { ...place, cookie }));
      assert.equal(answer.statusCode, 204, answer.body);
    }
    const headers = { host, ...(cookie !== undefined && { cookie }) };
    assert.equal((await web.app.inject({ url: '/api/totals', headers })).statusCode, 200);
  });
}

test('a login lasts as long as its token, no script reads its cookie, and behind TLS it stays there', async () => {
  const header = await fetchCookie(startWeb({ pageToken: PAGE_TOKEN }));
  assert.match(header, /^loadline-session=[\da-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/);
  const session = (pageToken: string) => startWeb({ pageToken }).app.inject(buildRequest(SESSION, { cookie: header }));
  assert.equal((await session(PAGE_TOKEN)).statusCode, 204);
  assert.equal((await session(`${PAGE_TOKEN}-another`)).statusCode, 401);
  const tls = { host: 'stage.example', origin: 'https://stage.example' };
  assert.match(await fetchCookie(startWeb({ pageToken: PAGE_TOKEN }), tls), /; Secure$/);
  const wrong = await startWeb({ pageToken: PAGE_TOKEN }).app.inject(buildRequest(SESSION, {}, { token: 'wrong' }));
  assert.deepEqual([wrong.statusCode, wrong.headers['set-cookie']], [401, undefined]);
});

test('a page behind a proxy of another name gets the line to type at its first request', async () => {
  const { app } = startWeb({ pageToken: PAGE_TOKEN });
  const ask = async (headers: Headers) => (await app.inject(buildRequest(SESSION, headers))).json();
  const { title, status, command } = await ask({ origin: 'https://b.example' });
  assert.deepEqual([title, status], ['Loadline does not know this address', 403]);
  assert.equal(command, 'PAGE_HOSTS=https://stage.example,https://b.example docker compose up');
  assert.equal((await ask({ origin: 'https://b.example', 'sec-fetch-site': 'cross-site' })).command, undefined);
  assert.equal((await ask({ origin: 'https://b.example;reboot' })).command, undefined);
});

test('the policies have no finding but that of scripts of this server', () => {
  const findings = (policy: string) => new CspEvaluator(new CspParser(policy).csp).evaluate();
  const found = [pagePolicy, reportPolicy].flatMap(findings).map(({ directive, value }) => [directive, value]);
  assert.deepEqual(found, [['script-src', "'self'"]]);
});
