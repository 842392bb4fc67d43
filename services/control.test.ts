import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, beforeEach, test } from 'node:test';
import { Client } from 'undici';
import type { ProcessCounters } from '../model/wire.ts';
import { type Controlled, createControlServer, endpoints } from './control.ts';

const counters: ProcessCounters = { pid: 7, ready: true, database: 'ok', workers: [] };
let done: string[] = [];

const controlled: Controlled = {
  counters: () => counters,
  resources: () => ({ pid: 7, cpu: 1.25, memory: 40_000_000 }),
  drain: () => done.push('drain'),
  exit: () => done.push('exit'),
  shareConnections: connections => {
    done.push(`share ${connections}`);
    return undefined;
  },
};

const server = createControlServer(controlled, () => undefined);
let client: Client;

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  client = new Client(`http://127.0.0.1:${address.port}`);
});

beforeEach(() => {
  done = [];
});

after(async () => {
  await client.close();
  server.close();
});

for (const [path, { method }] of Object.entries(endpoints)) {
  for (const headers of [
    { origin: 'http://elsewhere.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-origin' },
  ]) {
    test(`${method} ${path} with ${JSON.stringify(headers)} is refused, and nothing is done`, async () => {
      const body = method === 'PUT' ? '{"databaseConnections":2}' : null;
      const answer = await client.request({ method, path, headers, body });
      assert.equal(answer.statusCode, 403);
      assert.equal(answer.headers['content-type'], 'application/problem+json');
      assert.equal(((await answer.body.json()) as { status: number }).status, 403);
      assert.deepEqual(done, []);
    });
  }
}

test('what nobody asks in a browser is answered, and done', async () => {
  assert.deepEqual(await ask('GET', '/livez'), [200, { live: true }]);
  assert.deepEqual(await ask('GET', '/readyz'), [200, { ready: true, database: 'ok' }]);
  assert.deepEqual(await ask('GET', '/counters'), [200, counters]);
  assert.deepEqual(await ask('GET', '/resources'), [200, { pid: 7, cpu: 1.25, memory: 40_000_000 }]);
  assert.deepEqual(await ask('PUT', '/database-connections', '{"databaseConnections":3}'), [
    200,
    { databaseConnections: 3 },
  ]);
  assert.deepEqual(await ask('POST', '/drain'), [202, { draining: true }]);
  assert.deepEqual(done, ['share 3', 'drain']);
});

test('an order to exit is answered first, and then obeyed', async () => {
  const { promise: exited, resolve: exit } = Promise.withResolvers<void>();
  const other = createControlServer({ ...controlled, exit }, () => undefined);
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  assert.ok(address !== null && typeof address === 'object');
  const asking = new Client(`http://127.0.0.1:${address.port}`);
  const answer = await asking.request({ method: 'POST', path: '/exit' });
  assert.equal(answer.statusCode, 202);
  assert.deepEqual(await answer.body.json(), { exiting: true });
  await exited;
  await asking.close();
  other.close();
});

test('an order that is not given as an order is not obeyed', async () => {
  assert.equal((await ask('GET', '/exit'))[0], 405);
  assert.equal((await ask('GET', '/drain'))[0], 405);
  assert.equal((await ask('POST', '/resources'))[0], 405);
  assert.deepEqual(done, []);
});

async function ask(method: 'GET' | 'PUT' | 'POST', path: string, body?: string): Promise<[number, unknown]> {
  const answer = await client.request({ method, path, body: body ?? null });
  return [answer.statusCode, await answer.body.json()];
}
