import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Agent, request } from 'undici';
import { limits } from '../model/limits.ts';
import { topologyOf } from '../model/topology.ts';
import { prepareDatabase } from './database/prepare-database.ts';
import { TestServer } from './database/testdata/server.ts';
import { sendRaw } from './testdata/raw-request.ts';
import { RunningService } from './testdata/running-service.ts';

let database: TestServer;

before(async () => {
  database = await TestServer.start();
  await prepareDatabase(database.url);
});

after(async () => {
  await database[Symbol.asyncDispose]();
});

for (const topology of ['sync', 'async', 'async-express'] as const) {
  test(`${topology} answers all that it accepted before it ends on SIGTERM`, async () => {
    await using service = await RunningService.start(topology, database.url);
    const clients = new Agent({ connections: 20, pipelining: 1 });
    const ask = () => request(`${service.url}/wait?ms=20`, { dispatcher: clients }).then(answer => answer.body.text());
    await ask();
    // Accepted: on a connection of its own, with the worker at work on others.
    const accepted = Array.from({ length: 20 }, ask);
    await accepted[0];
    const start = performance.now();
    service.signal('SIGTERM');
    assert.deepEqual(await Promise.all(accepted), Array(20).fill('{"ms":20}'));
    assert.equal(await service.ended, 0, service.log);
    assert.ok(performance.now() - start < limits.worker.drain * 1000);
    await clients.close();
  });

  test(`${topology} answers on the connections that it has while it drains, and asks for them to be closed`, async () => {
    await using service = await RunningService.start(topology, database.url);
    const client = new Agent({ connections: 1 });
    const ask = (path: string, dispatcher?: Agent) => request(service.url + path, dispatcher ? { dispatcher } : {});
    await (await ask('/plain', client)).body.text();
    const inProgress = ask('/wait?ms=1000');
    await waitFor(async () => (await service.counters()).workers[0]?.inProgress === 1);
    service.signal('SIGTERM');
    await waitFor(async () => (await fetch(`${service.controlUrl}/readyz`)).status === 503);
    const late = await ask('/plain', client);
    assert.equal(await late.body.text(), '{"ok":true}');
    assert.equal(late.headers.connection, 'close');
    assert.equal((await inProgress).statusCode, 200);
    assert.equal(await service.ended, 0, service.log);
    await client.close();
  });
}

test('the control thread answers while every worker is blocked', async () => {
  await using service = await RunningService.start('threads', database.url, { threads: 2 });
  const blocked = Promise.all([0, 1].map(index => request(`http://127.0.0.1:${service.port + index}/wait?ms=1000`)));
  // What fails in between is to be told, not that its end cut these off.
  blocked.catch(() => undefined);
  await waitFor(async () => (await service.counters()).workers.every(({ connectionsInUse }) => connectionsInUse === 1));
  const start = performance.now();
  assert.equal((await fetch(`${service.controlUrl}/livez`)).status, 200);
  const before = await service.counters();
  assert.ok(performance.now() - start < 500, 'it answers at once');
  assert.deepEqual(
    before.workers.map(({ inProgress }) => inProgress),
    [1, 1],
  );
  for (const response of await blocked) assert.equal(response.statusCode, 200);
  await waitFor(async () => (await service.counters()).workers.every(({ completed }) => completed === 1));
  const { workers } = await service.counters();
  for (const [index, { busy, databaseWait }] of workers.entries()) {
    assert.ok(databaseWait >= 1 && databaseWait < 1.5, `${databaseWait} s in the database`);
    assert.ok(busy > (before.workers[index]?.busy ?? 0), 'a blocked thread is busy');
  }
});

for (const topology of ['sync', 'async', 'async-express'] as const) {
  test(`${topology} answers the same without a word of itself when it is hidden`, async () => {
    await using told = await RunningService.start(topology, database.url);
    await using hidden = await RunningService.start(topology, database.url, { hidden: true });
    for (const path of ['/items/7', '/wait?ms=5', '/nowhere', '/items/x']) {
      const [full, bare] = await Promise.all([told, hidden].map(({ url }) => request(url + path)));
      assert.ok(full && bare);
      assert.equal(await bare.body.text(), await full.body.text());
      const { 'x-worker': _, 'server-timing': __, ...rest } = full.headers;
      assert.deepEqual(Object.keys(bare.headers), Object.keys(rest));
    }
    await assert.rejects(fetch(`${hidden.controlUrl}/counters`));
    hidden.signal('SIGTERM');
    assert.equal(await hidden.ended, 0, hidden.log);
  });
}

test('a process whose app does not exist says so, and ends', async () => {
  const spec = { ...topologyOf('async'), app: 'nowhere' };
  await assert.rejects(RunningService.start(spec, database.url), /"worker-died".*nowhere\.ts/s);
});

test('a second signal ends a process at once, with exit code 1', async () => {
  await using service = await RunningService.start('sync', database.url);
  const lost = request(`${service.url}/wait?ms=5000`).catch(() => 'lost');
  await waitFor(async () => (await service.counters()).workers[0]?.inProgress === 1);
  service.signal('SIGTERM');
  await waitFor(async () => !(await service.counters()).ready);
  service.signal('SIGINT');
  assert.equal(await service.ended, 1, service.log);
  assert.equal(await lost, 'lost');
});

test('a process drains on the order of its control address', async () => {
  await using service = await RunningService.start('async', database.url);
  assert.equal((await fetch(`${service.controlUrl}/drain`, { method: 'POST' })).status, 202);
  assert.equal(await service.ended, 0, service.log);
});

test('a process exits on an order at once, whatever its workers are at', async () => {
  for (const topology of ['sync', 'async'] as const) {
    await using service = await RunningService.start(topology, database.url);
    const lost = request(`${service.url}/wait?ms=5000`).catch(() => 'lost');
    await waitFor(async () => (await service.counters()).workers[0]?.inProgress === 1);
    const start = performance.now();
    assert.equal((await fetch(`${service.controlUrl}/exit`, { method: 'POST' })).status, 202);
    assert.equal(await service.ended, 1, service.log);
    assert.ok(performance.now() - start < 1000, 'it exits at once');
    assert.equal(await lost, 'lost');
    assert.match(service.log, /"level":"info".*"event":"ordered"/);
  }
});

test('a process tells what it uses of CPU and memory', async () => {
  await using service = await RunningService.start('async', database.url);
  const resources = async () =>
    (await (await fetch(`${service.controlUrl}/resources`)).json()) as { pid: number; cpu: number; memory: number };
  const { pid, cpu, memory } = await resources();
  assert.equal(pid, (await service.counters()).pid);
  assert.ok(cpu > 0.05 && cpu < 10, `${cpu} s`);
  assert.ok(memory > 20e6 && memory < 300e6, `${memory} bytes`);
  const worked = await request(`${service.url}/cpu?units=10000`);
  await worked.body.dump();
  // Some 50 µs a unit.
  const used = (await resources()).cpu - cpu;
  assert.ok(used > 0.1 && used < 3, `${used} s for 10,000 units of CPU work`);
});

test('a first signal does not hurry a drain that was ordered', async () => {
  await using service = await RunningService.start('sync', database.url);
  const inProgress = request(`${service.url}/wait?ms=1000`);
  await waitFor(async () => (await service.counters()).workers[0]?.inProgress === 1);
  await fetch(`${service.controlUrl}/drain`, { method: 'POST' });
  service.signal('SIGTERM');
  assert.equal((await inProgress).statusCode, 200);
  assert.equal(await service.ended, 0, service.log);
});

test('connections are shared out anew over the workers of a process, as far as they can use them', async () => {
  await using tasks = await RunningService.start('async', database.url);
  const five = { method: 'PUT', body: '{"databaseConnections":5}' };
  assert.equal((await fetch(`${tasks.controlUrl}/database-connections`, five)).status, 200);
  assert.equal((await tasks.counters()).workers[0]?.databaseConnections, 5);

  await using service = await RunningService.start('threads', database.url, { threads: 2 });
  const change = (body: string) => fetch(`${service.controlUrl}/database-connections`, { method: 'PUT', body });
  assert.equal((await change('{"databaseConnections":2}')).status, 200);
  const { workers } = await service.counters();
  assert.deepEqual(
    workers.map(({ databaseConnections }) => databaseConnections),
    [1, 1],
  );
  for (const wrong of [
    '{"databaseConnections":1}',
    '{"databaseConnections":3}',
    '{"databaseConnections":"5"}',
    '5',
    'null',
    '',
  ]) {
    const refused = await change(wrong);
    assert.equal(refused.status, 400, wrong);
    assert.equal(((await refused.json()) as { parameter: string }).parameter, 'databaseConnections');
  }
});

test('what is wrong with a head is answered as a problem by every app', async () => {
  for (const topology of ['sync', 'async', 'async-express'] as const) {
    await using service = await RunningService.start(topology, database.url);
    const cases: [string, number][] = [
      ['GET /plain HTTP/1.1\r\n\r\n', 400],
      ['nonsense\r\n\r\n', 400],
      [`GET /plain HTTP/1.1\r\nHost: x\r\nLong: ${'x'.repeat(limits.worker.headerSize)}\r\n\r\n`, 431],
      ['GET /plain HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\n\r\n', 417],
      ['CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n', 405],
      [
        `POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5000\r\n${'x'.repeat(0x5000)}\r\n0\r\n\r\n`,
        413,
      ],
    ];
    for (const [bytes, status] of cases) {
      const answer = await sendRaw(service.port, bytes);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), bytes.slice(0, 60));
      for (const part of [
        'application/problem+json',
        `x-worker: ${topology}-1.1`,
        'server-timing: db;dur=',
        `"status":${status}`,
      ]) {
        assert.ok(answer.includes(part), `${part} in ${answer}`);
      }
    }
  }
});

test('what was asked is answered before what breaks off after it, by every app', async () => {
  const get = (rest: string) => `GET /wait?ms=5 HTTP/1.1\r\nHost: x\r\n${rest}`;
  const post = 'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{';
  const cases: [bytes: string, statuses: string[]][] = [
    [get('\r\n'), ['200']],
    [get(`\r\n${get('\r\n')}`), ['200', '200']],
    [get('\r\nnonsense\r\n\r\n'), ['200', '400']],
    [get('Content-Length: 5\r\n\r\nhal'), ['200', '400']],
    [get('Transfer-Encoding: chunked\r\n\r\nnonsense'), ['200', '400']],
    [get(`\r\n${post}`), ['200', '400']],
    [post, ['400']],
  ];
  for (const topology of ['sync', 'async', 'async-express'] as const) {
    await using service = await RunningService.start(topology, database.url);
    for (const [bytes, statuses] of cases) {
      const answers = await sendRaw(service.port, bytes);
      assert.deepEqual(
        [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
        statuses,
        bytes,
      );
    }
  }
});

/** Looks until it is so; what it waits for happens by itself, and the test's own time limit ends a wait in vain. */
async function waitFor(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}
