/** One suite over both databases: each runs in a thread of its own, and this thread watches, as in a worker process. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { limits } from '../../model/limits.ts';
import { DatabaseHealth, watchDatabase } from './health.ts';
import { prepareDatabase } from './prepare-database.ts';
import { DatabaseThread, healthMemory, kinds } from './testdata/database-thread.ts';
import { look, SESSIONS } from './testdata/onlooker.ts';
import { TestServer } from './testdata/server.ts';

const order = {
  customer: 'Zoë',
  lines: [
    { item: 3, quantity: 2 },
    { item: 5, quantity: 1 },
  ],
  fingerprint: 'a',
};
const twoLines = [
  { item: 3, quantity: 2, price: 4057 },
  { item: 5, quantity: 1, price: 9995 },
];

let server: TestServer;
const memory = healthMemory();
const health = new DatabaseHealth(memory);
const watch = new AbortController();

before(async () => {
  server = await TestServer.start();
  await Promise.all([prepareDatabase(server.url), prepareDatabase(server.url)]);
  await prepareDatabase(server.url);
  void watchDatabase(health, server.url, watch.signal);
});
after(async () => {
  watch.abort();
  await server[Symbol.asyncDispose]();
});

test('preparing twice, and two at once, seeds 10,000 items', async () => {
  assert.equal(await server.ask('SELECT count(*)::int FROM items'), 10_000);
});

test('a role of the stack is made once, and may do what the service does and no more', async () => {
  const roles = ['hybrid-2x1-40', 'sync-2x1-2'];
  await Promise.all([prepareDatabase(server.url, roles), prepareDatabase(server.url, roles)]);
  const own = new URL(server.url);
  own.username = 'hybrid-2x1-40';
  await using database = await DatabaseThread.start('blocking', own.href, memory);
  assert.equal((await database.value('readItem', 7))?.id, 7);
  assert.equal((await database.value('storeOrder', order)).state, 'stored');
  assert.equal(await server.ask("SELECT count(*)::int FROM pg_stat_activity WHERE usename = 'hybrid-2x1-40'"), 1);
  await assert.rejects(look(own.href, 'DELETE FROM items'), /permission denied/);
  await assert.rejects(look(own.href, 'CREATE TABLE mine (id int)'), /permission denied/);
});

test('a database that was left closed to everybody is opened again when it is prepared', async () => {
  await using closed = await TestServer.start();
  await allowConnections(closed.url, false);
  await assert.rejects(closed.ask('SELECT 1'), /not currently accepting connections/);
  await prepareDatabase(closed.url);
  assert.equal(await closed.ask('SELECT count(*)::int FROM items'), 10_000);
});

for (const kind of kinds) {
  describe(`the ${kind} database`, () => {
    const start = (connections?: number) => DatabaseThread.start(kind, server.url, memory, connections);

    test('reads items, and nothing where there is none', async () => {
      await using database = await start();
      assert.deepEqual(await database.value('readItem', 7), { id: 7, name: 'Item 00007', price: 6033, stock: 217 });
      assert.equal(await database.value('readItem', 10_001), undefined);
      assert.deepEqual(
        (await database.value('readItems', 3)).map(({ id }) => id),
        [1, 2, 3],
      );
    });

    test('is away while its server turns everybody away, which is found out without waiting, and back when it does not', async () => {
      await using closed = await TestServer.start();
      await prepareDatabase(closed.url);
      const ownMemory = healthMemory();
      const watching = new AbortController();
      void watchDatabase(new DatabaseHealth(ownMemory), closed.url, watching.signal);
      await using database = await DatabaseThread.start(kind, closed.url, ownMemory);
      assert.equal((await database.value('readItem', 7))?.id, 7);
      await allowConnections(closed.url, false);
      const answers = [];
      const begun = performance.now();
      while (performance.now() - begun < 1000) answers.push(await database.ask('readItem', 7));
      assert.deepEqual([...new Set(answers.map(answer => 'name' in answer && answer.name))], ['DatabaseAwayError']);
      // One look for each probe, and everybody else is told at once: waiting for a decision each time there were ten.
      assert.ok(answers.length > 100, `${answers.length} answers in a second`);
      await allowConnections(closed.url, true);
      const opened = performance.now();
      while ('failure' in (await database.ask('readItem', 7)));
      assert.ok(performance.now() - opened < 1000, `${performance.now() - opened} ms`);
      watching.abort();
    });

    test('hands over values as the text that Postgres sent', async () => {
      await using database = await start();
      assert.deepEqual(await database.value('readOddValues'), [
        { nothing: null, empty: '', text: 'Zoë 🐘', number: '1.50', flag: 't', echo: '"quoted" \\ é' },
      ]);
    });

    test('counts the seconds that a request waits for it', async () => {
      await using database = await start();
      await database.value('wait', 0);
      const before = database.counters.get('databaseWait');
      const answer = await database.ask('wait', 200);
      assert.ok('database' in answer);
      assert.ok(answer.database >= 0.2 && answer.database < 0.4, `${answer.database} s`);
      assert.equal(database.counters.get('databaseWait') - before, answer.database);
      assert.ok(database.counters.get('connectionsHeld') >= database.counters.get('databaseWait'));
      assert.equal(database.counters.get('connectionsInUse'), 0);
      assert.equal(database.counters.get('connectionsOpen'), 1);
    });

    test('stores an order with its lines at the prices of its items', async () => {
      await using database = await start();
      const stored = await database.value('storeOrder', order);
      assert.equal(stored.state, 'stored');
      assert.ok(stored.state === 'stored');
      const { id } = stored.order;
      assert.deepEqual(stored.order, { id, customer: 'Zoë', lines: twoLines, total: 18_109 });
      const lines = `SELECT sum(quantity * price)::int FROM order_lines WHERE order_id = ${id}`;
      assert.equal(await server.ask(lines), 18_109);
    });

    test('stores an order once for each idempotency key, and answers the same', async () => {
      await using database = await start();
      await using other = await start();
      const keyed = { ...order, idempotencyKey: `${kind}-twice` };
      const count = `SELECT count(*)::int FROM orders`;
      const before = Number(await server.ask(count));
      const both = [database, other, database, other].map(asked => asked.value('storeOrder', keyed));
      const answers = await Promise.all(both);
      assert.deepEqual(answers.map(({ state }) => state).sort(), [
        ...Array.from({ length: 3 }, () => 'already-stored'),
        'stored',
      ]);
      assert.equal(new Set(answers.map(answer => 'order' in answer && JSON.stringify(answer.order))).size, 1);
      assert.equal(await server.ask(count), before + 1);
    });

    test('refuses a key that comes with another body', async () => {
      await using database = await start();
      const idempotencyKey = `${kind}-reused`;
      await database.value('storeOrder', { ...order, idempotencyKey });
      const again = await database.value('storeOrder', { ...order, idempotencyKey, fingerprint: 'b' });
      assert.deepEqual(again, { state: 'key-reused' });
    });

    test('stores nothing of an order with an unknown item, whose key stays free', async () => {
      await using database = await start();
      const idempotencyKey = `${kind}-unknown`;
      const lines = [...order.lines, { item: 10_001, quantity: 1 }];
      const count = `SELECT count(*)::int FROM orders`;
      const before = await server.ask(count);
      const refused = await database.value('storeOrder', { ...order, lines, idempotencyKey });
      assert.deepEqual(refused, { state: 'unknown-item', line: 2 });
      assert.equal(await server.ask(count), before);
      const stored = await database.value('storeOrder', { ...order, idempotencyKey });
      assert.equal(stored.state, 'stored');
    });

    test('never uses a connection again that was left in mid-transaction', async () => {
      await using database = await start(1);
      const answer = await database.ask('breakOff');
      assert.ok('failure' in answer);
      assert.equal(answer.failure.message, 'broken off');
      assert.equal((await database.value('readItem', 1))?.id, 1);
      assert.equal(await server.ask(`SELECT count(*)::int ${SESSIONS} AND state LIKE '%transaction%'`), 0);
    });

    test('has Postgres roll back a transaction whose worker is silent for too long', async () => {
      await using database = await start(1);
      assert.equal(await database.value('readSilence'), limits.database.silence);
    });

    test('counts as away when it turns its clients down', async () => {
      const url = server.url.replace(/:[^:@]*@/, ':not-the-password@');
      await using database = await DatabaseThread.start(kind, url, memory);
      const answer = await database.ask('readItem', 1);
      assert.equal('name' in answer && answer.name, 'DatabaseAwayError');
    });

    test('tells a statement that Postgres refuses from a database that is away', async () => {
      await using database = await start();
      const answer = await database.ask('readItem', 3_000_000_000);
      assert.equal('name' in answer && answer.name, 'StatementError');
      assert.equal((await database.value('readItem', 1))?.id, 1);
    });
  });
}

/** Closes a database to everybody, or opens it again, from another one of its server. */
async function allowConnections(url: string, allowed: boolean): Promise<void> {
  const others = new URL(url);
  others.pathname = '/template1';
  await look(others.href, `ALTER DATABASE postgres ALLOW_CONNECTIONS ${allowed}`);
  if (allowed) return;
  await look(others.href, "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = 'postgres'");
}
