import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { request } from 'undici';
import { contractCases, listViolations, type SeenAnswer } from '../model/contract/contract-cases.ts';
import { prepareDatabase } from './database/prepare-database.ts';
import { TestServer } from './database/testdata/server.ts';
import { comparable, sendRaw } from './testdata/raw-request.ts';
import { RunningService } from './testdata/running-service.ts';

const topologies = ['sync', 'async', 'async-express'] as const;
const services: RunningService[] = [];
let database: TestServer;

before(async () => {
  database = await TestServer.start();
  await prepareDatabase(database.url);
  services.push(...(await Promise.all(topologies.map(topology => RunningService.start(topology, database.url)))));
});

after(async () => {
  await Promise.all(services.map(service => service[Symbol.asyncDispose]()));
  await database[Symbol.asyncDispose]();
});

for (const topology of topologies) {
  describe(`the app of ${topology} keeps the contract`, () => {
    for (const contractCase of contractCases) {
      test(contractCase.name, async () => {
        assert.deepEqual(listViolations(contractCase, await ask(serviceOf(topology), contractCase)), []);
      });
    }
  });
}

test('answers differ in nothing but the date, the worker and the times', async () => {
  for (const { name, method, path, headers = {}, body = '' } of contractCases.filter(
    ({ expect }) => expect.status !== 201,
  )) {
    const lines = Object.entries({
      host: 'x',
      connection: 'close',
      'content-length': String(Buffer.byteLength(body)),
      ...headers,
    });
    const head = lines.map(([key, value]) => `${key}: ${value}\r\n`).join('');
    const answers = await Promise.all(
      services.map(({ port }) => sendRaw(port, `${method} ${path} HTTP/1.1\r\n${head}\r\n${body}`)),
    );
    assert.equal(new Set(answers.map(comparable)).size, 1, `${name}: ${answers.join('\n')}`);
  }
});

function serviceOf(topology: (typeof topologies)[number]): RunningService {
  const service = services.find(candidate => candidate.topology === topology);
  assert.ok(service);
  return service;
}

async function ask(
  { url }: RunningService,
  { method, path, headers = {}, body }: (typeof contractCases)[number],
): Promise<SeenAnswer> {
  const answer = await request(`${url}${path}`, { method, headers, body: body ?? null });
  return {
    status: answer.statusCode,
    headers: answer.headers as SeenAnswer['headers'],
    body: await answer.body.text(),
  };
}
