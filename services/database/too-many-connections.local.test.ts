/** Both databases, and the service, while the server has as many connections as it allows. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client, DatabaseError } from 'pg';
import { RunningService } from '../testdata/running-service.ts';
import { DatabaseHealth, watchDatabase } from './health.ts';
import { prepareDatabase } from './prepare-database.ts';
import { DatabaseThread, healthMemory, kinds } from './testdata/database-thread.ts';
import { TestServer } from './testdata/server.ts';

const MAX_CONNECTIONS = 8;

let server: TestServer;

before(async () => {
  server = await TestServer.start(MAX_CONNECTIONS);
  await prepareDatabase(server.url);
});
after(async () => {
  await server[Symbol.asyncDispose]();
});

for (const kind of kinds) {
  describe(`the ${kind} database`, () => {
    test('says so without calling it away, serves on what it holds, and opens another once there is room', async () => {
      const memory = healthMemory();
      const watch = new AbortController();
      let told = 0;
      void watchDatabase(new DatabaseHealth(memory), server.url, watch.signal, { onFull: () => (told += 1) });
      await using holder = await DatabaseThread.start(kind, server.url, memory);
      assert.equal((await holder.value('readItem', 7))?.id, 7);
      const others = await takeAllConnections();
      await using late = await DatabaseThread.start(kind, server.url, memory);
      const states = new Set<string>();
      const timer = setInterval(() => states.add(new DatabaseHealth(memory).state), 5);

      const names = new Set<string>();
      const begun = performance.now();
      while (performance.now() - begun < 1000) {
        const answer = await late.ask('readItem', 7);
        names.add('name' in answer ? answer.name : 'a value');
        assert.ok(answer.took < 0.9, `${answer.took} s`);
        assert.equal((await holder.value('readItem', 7))?.id, 7);
      }
      assert.deepEqual([...names], ['TooManyConnectionsError']);
      // More at once than there are connections: they take turns at the one that is held.
      await Promise.all(Array.from({ length: 8 }, () => holder.value('wait', 20)));
      clearInterval(timer);
      assert.ok(!states.has('away') && states.has('full'), [...states].join());
      assert.equal(told, 1);

      await Promise.all(others.map(client => client.end()));
      const freed = performance.now();
      while ('failure' in (await late.ask('readItem', 7)));
      assert.ok(performance.now() - freed < 1000, `${performance.now() - freed} ms`);
      watch.abort();
    });
  });
}

for (const topology of ['sync', 'async', 'async-express'] as const) {
  test(`${topology} answers with a problem that names the limit, and logs it once`, async () => {
    const others = await takeAllConnections();
    await using service = await RunningService.start(topology, server.url);
    const problems = new Set<string>();
    const begun = performance.now();
    while (performance.now() - begun < 1000) {
      const answer = await fetch(`${service.url}/items/7`);
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get('retry-after'), '1');
      problems.add(((await answer.json()) as { detail: string }).detail);
    }
    assert.equal(problems.size, 1);
    assert.match([...problems].join(), /DATABASE_MAX_CONNECTIONS/);
    const events = service.log.split('\n').filter(line => line.includes('"level":"error"'));
    assert.equal(events.length, 1, service.log);
    assert.equal(JSON.parse(events[0] ?? '').event, 'too-many-connections');

    await Promise.all(others.map(client => client.end()));
    const freed = performance.now();
    while ((await fetch(`${service.url}/items/7`)).status !== 200) {
      assert.ok(performance.now() - freed < 1000, `${topology} does not answer a second after there was room`);
    }
  });
}

async function takeAllConnections(): Promise<Client[]> {
  const clients: Client[] = [];
  for (;;) {
    const client = new Client({ connectionString: server.url });
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch (error) {
      assert.ok(error instanceof DatabaseError && error.code === '53300', String(error));
      return clients;
    }
    clients.push(client);
  }
}
