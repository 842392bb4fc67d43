import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DatabaseHealth, watchDatabase } from './health.ts';
import { DatabaseThread, healthMemory } from './testdata/database-thread.ts';
import { TestServer } from './testdata/server.ts';

const SESSIONS = `SELECT count(*)::int FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND application_name <> 'onlooker'`;

let server: TestServer;
const memory = healthMemory();
const watch = new AbortController();

before(async () => {
  server = await TestServer.start();
  void watchDatabase(new DatabaseHealth(memory), server.url, watch.signal);
});
after(async () => {
  watch.abort();
  await server[Symbol.asyncDispose]();
});

/** Seconds for so many waits of 0.1 s at the same time, and the most sessions that the server saw. */
async function waitTogether(database: DatabaseThread, waits: number): Promise<{ seconds: number; sessions: number }> {
  const start = performance.now();
  let sessions = 0;
  let done = false;
  const all = Promise.all(Array.from({ length: waits }, () => database.value('wait', 100))).finally(() => {
    done = true;
  });
  while (!done) sessions = Math.max(sessions, Number(await server.ask(SESSIONS)));
  await all;
  return { seconds: (performance.now() - start) / 1000, sessions };
}

test('as many waits go on at the same time as connections are allowed, while the limit is raised and lowered', async () => {
  await using database = await DatabaseThread.start('non-blocking', server.url, memory, 3);
  const three = await waitTogether(database, 12);
  assert.equal(three.sessions, 3);
  assert.ok(three.seconds >= 0.4, `${three.seconds} s`);

  database.counters.set('databaseConnections', 6);
  const six = await waitTogether(database, 12);
  assert.equal(six.sessions, 6);
  assert.ok(six.seconds >= 0.2, `${six.seconds} s`);

  database.counters.set('databaseConnections', 2);
  const idle = performance.now();
  while ((await server.ask(SESSIONS)) !== 2) assert.ok(performance.now() - idle < 2000);
  assert.equal((await waitTogether(database, 4)).sessions, 2);
  assert.equal(database.counters.get('connectionsOpen'), 2);
});

test('what requests wait for a connection is counted, and not as time in the database', async () => {
  await using database = await DatabaseThread.start('non-blocking', server.url, memory, 1);
  await database.value('wait', 0);
  const counted = (name: 'connectionWait' | 'databaseWait') => database.counters.get(name);
  const [waited, inDatabase] = [counted('connectionWait'), counted('databaseWait')];
  await waitTogether(database, 4);
  // One after the other: the second waits for 0.1 s, the third for 0.2 s, the fourth for 0.3 s.
  const [forConnections, forDatabase] = [counted('connectionWait') - waited, counted('databaseWait') - inDatabase];
  assert.ok(forConnections >= 0.6 && forConnections < 1, `${forConnections} s`);
  assert.ok(forDatabase >= 0.4 && forDatabase < 0.6, `${forDatabase} s`);
});

test('an answer that came while the thread was busy is not late', async () => {
  await using database = await DatabaseThread.start('non-blocking', server.url, memory);
  await database.value('wait', 0);
  const answer = await database.ask('waitWhileBusy', 1500);
  assert.ok('value' in answer && answer.took >= 1.5);
});

test('closing leaves no session behind', async () => {
  const database = await DatabaseThread.start('non-blocking', server.url, memory, 3);
  await waitTogether(database, 3);
  await database[Symbol.asyncDispose]();
  const closed = performance.now();
  while ((await server.ask(SESSIONS)) !== 0) assert.ok(performance.now() - closed < 2000);
});
