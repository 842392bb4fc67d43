import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseHealth, watchDatabase } from '../health.ts';
import { prepareDatabase } from '../prepare-database.ts';
import { DatabaseThread, healthMemory, kinds } from './database-thread.ts';
import { SESSIONS } from './onlooker.ts';

/** A Postgres at an address that stays the same, whatever becomes of it. */
export interface PausableServer extends AsyncDisposable {
  readonly url: string;
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
  startAgain(): Promise<void>;
  /** The first column of the first row, as an onlooker sees it. */
  ask(text: string): Promise<unknown>;
}

/** A way in which a server is away for a while. */
export interface Outage<Server> {
  /** What the server does, in the third person. */
  readonly name: string;
  begin(server: Server): Promise<void>;
  /** Returns when the server is back. */
  end(server: Server): Promise<void>;
  /** Seconds from its begin until it is ended, at least. */
  readonly duration: number;
  /** Why it cannot be had with this server. */
  impossible?(server: Server): string | undefined;
}

const outagesOfAll: readonly Outage<PausableServer>[] = [
  { name: 'is paused', begin: server => server.pause(), end: server => server.resume(), duration: 5 },
  { name: 'is stopped', begin: server => server.stop(), end: server => server.startAgain(), duration: 0 },
];

/** Both databases while their server is slow, ends their sessions or is away: one suite for servers of every make. */
export function outagesSuite<Server extends PausableServer>(
  startServer: () => Promise<Server>,
  more: readonly Outage<Server>[] = [],
): void {
  let server: Server;
  const memory = healthMemory();
  const health = new DatabaseHealth(memory);
  const watch = new AbortController();

  before(async () => {
    server = await startServer();
    await prepareDatabase(server.url);
    void watchDatabase(health, server.url, watch.signal);
  });
  after(async () => {
    watch.abort();
    await server[Symbol.asyncDispose]();
  });

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

      for (const { name, begin, end, duration, impossible } of [...outagesOfAll, ...more]) {
        test(`fails every request within a second while its server ${name}, and serves within two after it`, async t => {
          const reason = impossible?.(server);
          if (reason !== undefined) return t.skip(reason);
          await using working = await start();
          await using idle = await start();
          const order = orderWithKey(`${kind}, ${name}`);
          const before = await idle.value('storeOrder', orderWithKey(`${kind}, before it ${name}`));
          const stored = Number(await server.ask('SELECT count(*)::int FROM orders'));

          const inTransaction = working.ask('storeOrderSlowly', order, 1000);
          while (
            (await server.ask(`SELECT count(*)::int ${SESSIONS} AND query LIKE '%pg_sleep%' AND state = 'active'`)) ===
            0
          );
          const begun = performance.now();
          await begin(server);
          const away = performance.now();
          const failures = await Promise.all([inTransaction, idle.ask('readItem', 1)]);
          assert.ok(performance.now() - away < 1000, `${performance.now() - away} ms`);
          for (const thread of [working, idle]) {
            const failure = await thread.ask('storeOrder', order);
            assert.ok(failure.took < 1, `${failure.took} s`);
            // By now everybody knows.
            const next = await thread.ask('readItem', 1);
            assert.ok(next.took < 0.02, `${next.took} s`);
            failures.push(failure, next);
          }
          for (const failure of failures) assert.equal('name' in failure && failure.name, 'DatabaseAwayError');

          await delay(Math.max(0, duration * 1000 - (performance.now() - begun)));
          await end(server);
          const seconds = await Promise.all([
            secondsUntilServed(() => working.ask('storeOrder', order)),
            secondsUntilServed(() => idle.ask('readItem', 1)),
          ]);
          assert.ok(Math.max(...seconds) < 2, seconds.join());
          const { name: item, price } = (await idle.value('readItem', 7)) ?? {};
          assert.deepEqual([item, price], ['Item 00007', 6033]);
          const again = await idle.value('storeOrder', orderWithKey(`${kind}, before it ${name}`));
          assert.deepEqual(again, { ...before, state: 'already-stored' });
          assert.equal((await idle.value('storeOrder', order)).state, 'already-stored');
          assert.equal(await server.ask('SELECT count(*)::int FROM orders'), stored + 1);
        });
      }
    });
  }
}

function orderWithKey(idempotencyKey: string) {
  return { customer: 'Zoë', lines: [{ item: 3, quantity: 2 }], fingerprint: 'a', idempotencyKey };
}

/** Asks until the answer is a value, and returns the seconds that it took. */
async function secondsUntilServed(ask: () => Promise<object>): Promise<number> {
  const start = performance.now();
  while ('failure' in (await ask())) await delay(20);
  return (performance.now() - start) / 1000;
}
