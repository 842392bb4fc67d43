import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { request } from 'undici';
import { CANCEL_ON_CLOSE } from '../model/contract/contract.ts';
import { prepareDatabase } from './database/prepare-database.ts';
import { TestServer } from './database/testdata/server.ts';
import { sendRaw } from './testdata/raw-request.ts';
import { RunningService } from './testdata/running-service.ts';

/** Milliseconds that each request takes, and its path for the database and for the CPU. */
const WORK = 1000;
const WAIT = `/wait?ms=${WORK}`;
const COMPUTE = '/cpu?units=20000';

let database: TestServer;

before(async () => {
  database = await TestServer.start();
  await prepareDatabase(database.url);
});

after(async () => {
  await database[Symbol.asyncDispose]();
});

const cases = [
  { topology: 'sync', path: WAIT, what: 'while its worker is blocked' },
  { topology: 'async', path: WAIT, what: 'while it waits for a database connection' },
  { topology: 'async', path: COMPUTE, what: 'while its event loop computes' },
  { topology: 'async-express', path: WAIT, what: 'while it waits for a database connection' },
] as const;

for (const { topology, path, what } of cases) {
  test(`${topology} does not begin with a request that a proxy has abandoned ${what}`, async () => {
    await using service = await RunningService.start(topology, database.url);
    const { completed } = await afterOneIsLeft(service, path, `${CANCEL_ON_CLOSE}: 1\r\n`);
    assert.equal(completed, 0);
  });

  test(`${topology} answers a client that comes past the proxy and leaves ${what}`, async () => {
    await using service = await RunningService.start(topology, database.url);
    const { completed } = await afterOneIsLeft(service, path, '');
    assert.equal(completed, 1);
  });
}

test('a request whose proxy is still there is answered by every app', async () => {
  for (const topology of ['sync', 'async', 'async-express'] as const) {
    await using service = await RunningService.start(topology, database.url);
    for (const path of ['/plain', '/items/7']) {
      const { statusCode, body } = await request(service.url + path, { headers: { [CANCEL_ON_CLOSE]: '1' } });
      await body.dump();
      assert.equal(statusCode, 200);
    }
  }
});

test('a client that half-closes its connection past the proxy is answered by every app', async () => {
  for (const topology of ['sync', 'async', 'async-express'] as const) {
    await using service = await RunningService.start(topology, database.url);
    const answer = await sendRaw(service.port, `GET ${WAIT} HTTP/1.1\r\nHost: x\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 200 /);
  }
});

/** Keeps every worker busy, sends one more request and closes its connection; what was completed of that one alone. */
async function afterOneIsLeft(service: RunningService, path: string, header: string): Promise<{ completed: number }> {
  const places = (await service.counters()).workers[0]?.databaseConnections ?? 0;
  const busy = Array.from({ length: path === COMPUTE ? 1 : places }, () => request(service.url + path));
  await waitFor(async () => (await service.counters()).workers[0]?.inProgress === busy.length);
  await sendAndLeave(service.port, `GET ${path} HTTP/1.1\r\nHost: x\r\n${header}\r\n`);
  for (const response of await Promise.all(busy)) await response.body.dump();
  // Each waits behind what the worker accepted before it.
  const later = [WAIT, WAIT];
  for (const each of later) await (await request(service.url + each)).body.dump();
  await waitFor(async () => (await service.counters()).workers[0]?.inProgress === 0);
  const completed = (await service.counters()).workers[0]?.completed ?? Number.NaN;
  return { completed: completed - busy.length - later.length };
}

async function sendAndLeave(port: number, bytes: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes, () => socket.destroy());
  await once(socket, 'close');
}

/** Looks until it is so; what it waits for happens by itself, and the test's own time limit ends a wait in vain. */
async function waitFor(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}
