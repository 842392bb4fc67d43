/** Both databases while their server is slow, paused, stopped, or ends their sessions; as the other suite is run. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseHealth, watchDatabase } from './health.ts';
import { prepareDatabase } from './prepare-database.ts';
import { DatabaseThread, healthMemory, kinds } from './testdata/database-thread.ts';
import { TestServer } from './testdata/server.ts';

const SESSIONS = `FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'onlooker'`;
const order = { customer: 'Zoë', lines: [{ item: 3, quantity: 2 }], fingerprint: 'a' };

let server: TestServer;
const memory = healthMemory();
const health = new DatabaseHealth(memory);
const watch = new AbortController();

before(async () => {
  server = await TestServer.start();
  await prepareDatabase(server.url);
  void watchDatabase(health, server.url, watch.signal);
});
after(async () => {
  watch.abort();
  await server[Symbol.asyncDispose]();
});

/** Asks until the answer is a value, and returns the seconds that it took. */
async function secondsUntilServed(thread: DatabaseThread): Promise<number> {
  const start = performance.now();
  while ('failure' in (await thread.ask('readItem', 1))) await delay(20);
  return (performance.now() - start) / 1000;
}

for (const kind of kinds) {
  describe(`the ${kind} database`, () => {
    const start = (connections?: number) => DatabaseThread.start(kind, server.url, memory, connections);

    test('gives a statement up that is not answered a second after it should be', async () => {
      await using database = await start();
      const answer = await database.ask('waitUnexpectedly', 5000);
      assert.equal('name' in answer && answer.name, 'DatabaseAwayError');
      assert.ok(answer.took > 0.95 && answer.took < 1.3, `${answer.took} s`);
      assert.equal((await database.value('readItem', 1))?.id, 1);
      assert.equal(health.state, 'ok');
    });

    test('is there for the next request after its session was ended in mid-query or idle', async () => {
      await using database = await start(1);
      const waiting = database.ask('wait', 3000);
      const end = `SELECT count(pg_terminate_backend(pid))::int ${SESSIONS}`;
      while (
        (await server.ask(`SELECT count(*)::int ${SESSIONS} AND query LIKE '%pg_sleep%' AND state = 'active'`)) === 0
      );
      assert.ok(Number(await server.ask(end)) > 0);
      const answer = await waiting;
      assert.equal('name' in answer && answer.name, 'DatabaseAwayError');
      assert.equal((await database.value('readItem', 1))?.id, 1);
      assert.ok(Number(await server.ask(end)) > 0);
      while ((await server.ask(`SELECT count(*)::int ${SESSIONS}`)) !== 0);
      assert.equal((await database.value('readItem', 1))?.id, 1);
      assert.equal(health.state, 'ok');
    });

    test('is not taken for away when it is merely slow', async () => {
      await using database = await start(2);
      const seen = new Set<string>();
      const timer = setInterval(() => seen.add(health.state), 5);
      const answers = await Promise.all(Array.from({ length: 4 }, () => database.ask('wait', 900)));
      clearInterval(timer);
      assert.ok(answers.every(answer => 'value' in answer));
      assert.ok(!seen.has('away') && seen.has('suspect'), [...seen].join());
    });

    test('fails every request within a second while the server is paused, and serves within two after it', async () => {
      await using database = await start();
      await using idle = await start();
      await database.value('readItem', 1);
      await idle.value('readItem', 1);
      const waiting = database.ask('wait', 5000);
      await delay(300);
      const paused = performance.now();
      await server.pause();
      const answers = await Promise.all([waiting, idle.ask('readItem', 1)]);
      assert.ok(performance.now() - paused < 1000, `${performance.now() - paused} ms`);
      for (const answer of answers) assert.equal('name' in answer && answer.name, 'DatabaseAwayError');
      for (const thread of [database, idle]) {
        const answer = await thread.ask('readItem', 1);
        assert.equal('name' in answer && answer.name, 'DatabaseAwayError');
        assert.ok(answer.took < 0.02, `${answer.took} s`);
      }
      await delay(5000 - (performance.now() - paused));
      await server.resume();
      const seconds = await Promise.all([secondsUntilServed(database), secondsUntilServed(idle)]);
      assert.ok(Math.max(...seconds) < 2, seconds.join());
    });

    test('fails every request within a second while the server is stopped, and serves within two after it', async () => {
      await using database = await start();
      await using idle = await start();
      await idle.value('readItem', 1);
      const waiting = database.ask('wait', 5000);
      await delay(300);
      await server.stop();
      const inFlight = await waiting;
      assert.equal('name' in inFlight && inFlight.name, 'DatabaseAwayError');
      for (const thread of [database, idle]) {
        const answer = await thread.ask('storeOrder', order);
        assert.equal('name' in answer && answer.name, 'DatabaseAwayError');
        assert.ok(answer.took < 1, `${answer.took} s`);
      }
      await server.startAgain();
      const seconds = await Promise.all([secondsUntilServed(database), secondsUntilServed(idle)]);
      assert.ok(Math.max(...seconds) < 2, seconds.join());
    });
  });
}
