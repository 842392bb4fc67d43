import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DatabaseHealth, watchDatabase } from './health.ts';
import { prepareDatabase } from './prepare-database.ts';
import { DatabaseThread, healthMemory, kinds } from './testdata/database-thread.ts';
import { TestServer } from './testdata/server.ts';

/** A result that libpq is not asked to free keeps at least 2 kB: 20,000 of them are 40 MB. */
const QUERIES = 20_000;
const MOST_GROWTH = 16e6;

let server: TestServer;
const memory = healthMemory();
const watch = new AbortController();

before(async () => {
  server = await TestServer.start();
  await prepareDatabase(server.url);
  void watchDatabase(new DatabaseHealth(memory), server.url, watch.signal);
});
after(async () => {
  watch.abort();
  await server[Symbol.asyncDispose]();
});

for (const kind of kinds) {
  test(`the memory of the ${kind} database does not grow with the number of queries`, async () => {
    await using database = await DatabaseThread.start(kind, server.url, memory, 1);
    await database.value('readManyTimes', QUERIES / 4);
    const before = process.memoryUsage.rss();
    await database.value('readManyTimes', QUERIES);
    const growth = process.memoryUsage.rss() - before;
    assert.ok(growth < MOST_GROWTH, `${growth} bytes`);
  });

  test(`the memory of the ${kind} database does not grow with the number of statements that fail`, async () => {
    await using database = await DatabaseThread.start(kind, server.url, memory, 1);
    const fail = async (times: number) => {
      for (let i = 0; i < times; i++) assert.ok('failure' in (await database.ask('readItem', 3_000_000_000)));
    };
    await fail(50);
    const before = process.memoryUsage.rss();
    await fail(200);
    const growth = process.memoryUsage.rss() - before;
    assert.ok(growth < MOST_GROWTH, `${growth} bytes`);
  });
}
