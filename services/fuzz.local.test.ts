import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Agent } from 'undici';
import { routes } from '../model/contract/contract.ts';
import { prepareDatabase } from './database/prepare-database.ts';
import { TestServer } from './database/testdata/server.ts';
import { assertAlike, send } from './testdata/alike.ts';
import { type OddRequest, oddBytes, oddRequests } from './testdata/malformed.ts';
import { sendRaw } from './testdata/raw-request.ts';
import { RunningService } from './testdata/running-service.ts';

/** 2,000 a route to each app, a quarter of them as bare bytes. */
const REQUESTS = { rounds: 75, atOnce: 20, seed: 7 };
const BYTES = { rounds: 25, atOnce: 20, seed: 7 };

const clients = new Agent({ connections: REQUESTS.atOnce, pipelining: 1 });
const services: RunningService[] = [];
let database: TestServer;

before(async () => {
  database = await TestServer.start();
  await prepareDatabase(database.url);
  const topologies = ['sync', 'async', 'async-express'] as const;
  services.push(...(await Promise.all(topologies.map(topology => RunningService.start(topology, database.url)))));
});

after(async () => {
  await clients.close();
  await Promise.all(services.map(service => service[Symbol.asyncDispose]()));
  await database[Symbol.asyncDispose]();
});

for (const { name } of Object.values(routes)) {
  test(`odd requests to ${name} are answered, and alike by every app`, async () => {
    const ask = ({ url }: RunningService, odd: OddRequest) => send(url, odd, clients);
    await assertAlike(services, oddRequests(name), REQUESTS, ask);
  });

  test(`odd bytes for ${name} are answered or cut off, and alike by every app`, async () => {
    const ask = ({ port }: RunningService, bytes: Buffer) => sendRaw(port, bytes);
    await assertAlike(services, oddBytes(name), BYTES, ask);
  });
}

test('every process is still there, and has no mistake of its own in its log', () => {
  for (const { running, log } of services) {
    assert.ok(running, log);
    assert.doesNotMatch(log, /request-failed/);
  }
});
