import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InjectOptions } from 'fastify';
import type { ChangeRoute, Changes } from '../../protocol.ts';
import { changingRoutes, LOGIN } from './change-routes.ts';
import { PAGE_TOKEN, type Web, webOf } from './testdata/web.ts';

/** A body that each route takes. */
const bodies: { readonly [Route in ChangeRoute]: Changes[Route] } & { [LOGIN]: { token: string } } = {
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
  'POST /api/drive': {},
  'POST /api/tour/enter': { step: 'C1' },
  'POST /api/tour/measure': {},
  'POST /api/tour/leave': {},
  [LOGIN]: { token: PAGE_TOKEN },
};

/** Whether anything was changed. */
function traces({ stage, drivers, toured }: Web): unknown {
  const { settings, databaseConnections, databaseBackAt } = stage.director.state;
  return [settings, databaseConnections, databaseBackAt, stage.bursts, stage.done, toured, drivers.driver];
}

function changeOf(route: string, { headers }: Web, others: Record<string, string | undefined> = {}): InjectOptions {
  const [method, url] = route.split(' ') as ['POST' | 'PUT', string];
  const sent = Object.entries({ ...headers, ...others }).filter(([, value]) => value !== undefined);
  const payload = JSON.stringify(bodies[route as keyof typeof bodies]);
  return { method, url, headers: Object.fromEntries(sent) as Record<string, string>, payload };
}

const intrusions: [sentence: string, headers: Record<string, string | undefined>, status: number, logsIn: number][] = [
  ['without the token', { authorization: undefined }, 401, 204],
  ['with another token', { authorization: `Bearer ${'x'.repeat(43)}` }, 401, 204],
  ['with the token alone', { authorization: 'x' }, 401, 204],
  ['from a foreign origin', { origin: 'http://evil.example' }, 403, 403],
  ['from another port of the same machine', { origin: 'http://127.0.0.1:8081' }, 403, 403],
  ['from a name of its own in another scheme', { host: 'stage.example', origin: 'http://stage.example' }, 403, 403],
  ['from another of its own names than it is asked under', { origin: 'http://localhost:8080' }, 403, 403],
  ['from a page without an origin', { origin: 'null' }, 403, 403],
  ['without an origin', { origin: undefined }, 403, 403],
  ['from what the browser calls another site', { 'sec-fetch-site': 'cross-site' }, 403, 403],
  ['from what the browser calls the same site', { 'sec-fetch-site': 'same-site' }, 403, 403],
  ['under a foreign name', { host: 'evil.example' }, 403, 403],
  ['under a foreign name, from there', { host: 'evil.example:8080', origin: 'http://evil.example:8080' }, 403, 403],
  ['under its own address with another port', { host: '127.0.0.1:8081' }, 403, 403],
  [
    'under a name that begins as loopback does',
    { host: '127.0.0.1.evil.example', origin: 'http://127.0.0.1.evil.example' },
    403,
    403,
  ],
  ['under a name that ends as loopback does', { host: 'evil.localhost.', origin: 'http://evil.localhost.' }, 403, 403],
  [
    'under another machine’s address, without the user’s token',
    { host: '192.168.1.5:8080', origin: 'http://192.168.1.5:8080' },
    403,
    403,
  ],
  ['from loopback, under a name of its own', { host: 'stage.example' }, 403, 403],
  ['as a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 415],
  ['as text, which needs no preflight', { 'content-type': 'text/plain' }, 415, 415],
  ['without a media type', { 'content-type': undefined }, 415, 415],
];

const untouched = webOf();
const before = JSON.stringify(traces(untouched));

for (const route of changingRoutes) {
  test(`${route} does what it is asked to by the page`, async () => {
    const web = webOf({ pageToken: PAGE_TOKEN });
    const { headers } = await web.app.inject(changeOf(LOGIN, web));
    const cookie = String(headers['set-cookie']).split(';')[0];
    const answer = await web.app.inject(changeOf(route, web, { cookie }));
    assert.equal(answer.statusCode, 204, answer.body);
    assert.deepEqual(web.errors, []);
  });

  for (const [sentence, headers, status, loginStatus] of intrusions) {
    const expected = route === LOGIN ? loginStatus : status;
    if (expected === 204) continue;
    test(`${route} ${sentence} is refused with ${expected} and does nothing`, async () => {
      const answer = await untouched.app.inject(changeOf(route, untouched, headers));
      assert.equal(answer.statusCode, expected);
      assert.equal(answer.headers['content-type'], 'application/problem+json');
      assert.equal(answer.json().status, expected);
      assert.equal(JSON.stringify(traces(untouched)), before);
    });
  }

  if (route !== LOGIN) {
    test(`${route} needs a session where the user has a token`, async () => {
      const web = webOf({ pageToken: PAGE_TOKEN });
      assert.equal((await web.app.inject(changeOf(route, web))).statusCode, 401);
      const forged = { cookie: `loadline-session=${'0'.repeat(64)}` };
      assert.equal((await web.app.inject(changeOf(route, web, forged))).statusCode, 401);
      assert.equal(web.drivers.driver, undefined);
    });
  }
}

test('a route that changes something and is not in the table cannot be added', () => {
  const { app } = webOf();
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    assert.throws(() => app.route({ method, url: '/api/other', handler: async () => 'done' }), /is not in the table/);
  }
});

const reads = ['/api/session', '/api/totals', '/api/runs', '/api/events'];

for (const url of reads) {
  test(`GET ${url} is refused under a foreign name, to another site and without a session`, async () => {
    const status = async (web: Web, headers: Record<string, string>) =>
      (await web.app.inject({ url, headers: { host: '127.0.0.1:8080', ...headers } })).statusCode;
    assert.equal(await status(webOf(), { host: 'evil.example:8080' }), 403);
    assert.equal(await status(webOf(), { 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal(await status(webOf(), { origin: 'http://evil.example' }), 403);
    assert.equal(await status(webOf({ pageToken: PAGE_TOKEN }), {}), 401);
  });
}

test('the page itself and the look at its health need no session, and are not for foreign names', async () => {
  for (const url of ['/', '/livez']) {
    const { app } = webOf({ pageToken: PAGE_TOKEN });
    const status = async (host: string) => (await app.inject({ url, headers: { host } })).statusCode;
    assert.equal(await status('127.0.0.1:3000'), url === '/' ? 503 : 200);
    assert.equal(await status('evil.example'), 403);
  }
});

test('a name is its own in whatever letters', async () => {
  const { app } = webOf();
  assert.equal((await app.inject({ url: '/livez', headers: { host: 'LOCALHOST:8080' } })).statusCode, 200);
});

const places: [sentence: string, host: string, origin: string, session: boolean][] = [
  ['through a tunnel, at any port', 'localhost:9999', 'http://localhost:9999', false],
  ['through a tunnel that is asked by its address', '127.0.0.1:9999', 'http://127.0.0.1:9999', false],
  ['through a tunnel that is asked by IPv6', '[::1]:9999', 'http://[::1]:9999', false],
  ['behind TLS on this machine', 'localhost:8443', 'https://localhost:8443', false],
  ['behind TLS, under a name that was given', 'stage.example', 'https://stage.example', false],
  ['behind a proxy that asks by its own address', '127.0.0.1:8080', 'https://stage.example', false],
  ['from another machine, where a token is asked for', '192.168.1.5:8080', 'http://192.168.1.5:8080', true],
  ['from another machine by IPv6, where a token is asked for', '[fd00::5]:8080', 'http://[fd00::5]:8080', true],
];

for (const [sentence, host, origin, session] of places) {
  test(`the page is read and used ${sentence}`, async () => {
    const web = webOf(session ? { pageToken: PAGE_TOKEN } : {});
    const place = { host, origin, 'sec-fetch-site': undefined };
    const { headers } = await web.app.inject(changeOf(LOGIN, web, place));
    const cookie = String(headers['set-cookie']).split(';')[0];
    const read = { host, cookie, 'x-loadline-origin': origin };
    assert.equal((await web.app.inject({ url: '/api/session', headers: read })).statusCode, 200);
    const answer = await web.app.inject(changeOf('POST /api/drive', web, { ...place, cookie }));
    assert.equal(answer.statusCode, 204, answer.body);
  });
}

test('a page that is behind a proxy of another name is told at its first read what to type', async () => {
  const { app, headers } = webOf({ pageToken: PAGE_TOKEN });
  const read = { host: headers.host, 'sec-fetch-site': 'same-origin', 'x-loadline-origin': 'https://b.example' };
  const answer = await app.inject({ url: '/api/session', headers: read });
  const { title, status, command } = answer.json();
  assert.deepEqual([title, status], ['Loadline does not know this address', 403]);
  assert.equal(command, 'PAGE_HOSTS=https://stage.example,https://b.example docker compose up');
});

const toldNothing: [sentence: string, headers: Record<string, string>][] = [
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://b.example' }],
  ['a page without an origin', { origin: 'null' }],
  ['text that is no origin', { 'x-loadline-origin': 'https://b.example;reboot' }],
];
for (const [sentence, headers] of toldNothing) {
  test(`no line to type is given to ${sentence}`, async () => {
    const answer = await webOf().app.inject({ url: '/api/session', headers: { host: '127.0.0.1:8080', ...headers } });
    assert.deepEqual([answer.statusCode, answer.json().command], [403, undefined]);
  });
}

test('what a page says of its origin does not stand for what the browser says', async () => {
  const web = webOf();
  const said = { origin: undefined, 'x-loadline-origin': 'http://127.0.0.1:8080' };
  const answer = await web.app.inject(changeOf('POST /api/drive', web, said));
  assert.equal(answer.statusCode, 403);
});
