import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { Agent, request } from 'undici';
import { routes } from './contract.ts';
import { prepareDatabase } from './database/prepare-database.ts';
import { TestServer } from './database/testdata/server.ts';
import { type OddRequest, oddBytes, oddRequests } from './testdata/malformed.ts';
import { comparable, sendRaw } from './testdata/raw-request.ts';
import { RunningService } from './testdata/running-service.ts';

/** Requests that are sent at once, and how often: 2,000 a route to each app, a quarter of them as bare bytes. */
const AT_ONCE = 20;
const ROUNDS = { requests: 75, bytes: 25 };

const clients = new Agent({ connections: AT_ONCE, pipelining: 1 });
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
    await checkEach(oddRequests(name), ROUNDS.requests, (service, odd) => send(service, odd));
  });

  test(`odd bytes for ${name} are answered or cut off, and alike by every app`, async () => {
    await checkEach(oddBytes(name), ROUNDS.bytes, ({ port }, bytes) => sendRaw(port, bytes));
  });
}

test('every process is still there, and has no mistake of its own in its log', () => {
  for (const { running, log } of services) {
    assert.ok(running, log);
    assert.doesNotMatch(log, /request-failed/);
  }
});

async function checkEach<T>(
  odd: fc.Arbitrary<T>,
  rounds: number,
  ask: (service: RunningService, asked: T) => Promise<string>,
): Promise<void> {
  const property = fc.asyncProperty(fc.array(odd, { minLength: AT_ONCE, maxLength: AT_ONCE }), async round => {
    await Promise.all(
      round.map(async asked => {
        const answers = await Promise.all(services.map(service => ask(service, asked)));
        const [first = '', ...others] = answers.map(withoutIds);
        for (const other of others) assert.equal(other, first);
        assert.doesNotMatch(first, /^HTTP\/1\.1 5(?!03)/m);
      }),
    );
  });
  await fc.assert(property, { numRuns: rounds, seed: 7, endOnFailure: true });
}

async function send({ url }: RunningService, { method, path, headers, body }: OddRequest): Promise<string> {
  const takesBody = method !== 'GET' && method !== 'HEAD';
  const answer = await request(new URL(url), {
    path,
    method,
    headers,
    body: takesBody ? body : null,
    dispatcher: clients,
  } as Parameters<typeof request>[1] & object);
  const lines = Object.entries(answer.headers).map(([key, value]) => `${key}: ${value}\r\n`);
  return `HTTP/1.1 ${answer.statusCode}\r\n${lines.join('')}\r\n${await answer.body.text()}`;
}

/** Each app stores an order of its own. */
function withoutIds(answer: string): string {
  const bare = comparable(answer);
  return / 201\b/.test(bare) ? bare.replaceAll(/content-length: \d+/g, '').replaceAll(/"id":\d+/g, '') : bare;
}
