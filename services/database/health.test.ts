import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, test } from 'node:test';
import type { DatabaseState } from '../../model/wire.ts';
import { DatabaseHealth, type WatchOptions, watchDatabase } from './health.ts';

/** A server that counts the probes that it gets, and answers them while `answers` is true. */
class FakeDatabase {
  answers = true;
  probes = 0;
  port = 0;
  url = '';
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer(socket => {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => {
      this.probes += 1;
      if (this.answers) socket.write('N');
    });
  });

  async start(host = '127.0.0.1', samePort = 0): Promise<void> {
    this.#server.listen(samePort, host);
    await once(this.#server, 'listening');
    const address = this.#server.address();
    assert.ok(address !== null && typeof address === 'object');
    this.port = address.port;
    this.url = `postgres://loadline@127.0.0.1:${address.port}/postgres`;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0)) await step();
});

async function watchedDatabase(answers = true, options: WatchOptions & { readonly host?: string } = {}) {
  const database = new FakeDatabase();
  database.answers = answers;
  await database.start();
  const health = new DatabaseHealth(new SharedArrayBuffer(DatabaseHealth.BYTES));
  const watch = new AbortController();
  const url = options.host ? database.url.replace('127.0.0.1', options.host) : database.url;
  const watched = watchDatabase(health, url, watch.signal, options);
  cleanUp.push(() => {
    watch.abort();
    database.stop();
    return watched;
  });
  return { database, health };
}

async function reaches(health: DatabaseHealth, state: DatabaseState): Promise<number> {
  const start = performance.now();
  while (health.state !== state) await new Promise(setImmediate);
  return (performance.now() - start) / 1000;
}

test('a database that answers is ok, and is left alone until somebody suspects it', async () => {
  const { database, health } = await watchedDatabase();
  assert.equal(await health.awaitDecision(), 'ok');
  await new Promise(resolve => setTimeout(resolve, 500));
  assert.equal(database.probes, 1);
  health.suspect();
  assert.equal(await health.awaitDecision(), 'ok');
  assert.equal(database.probes, 2);
});

test('a database that accepts connections and does not answer is away within a second of being suspected', async () => {
  const { database, health } = await watchedDatabase();
  await health.awaitDecision();
  database.answers = false;
  health.suspect();
  const seconds = await reaches(health, 'away');
  assert.ok(seconds < 1, `${seconds} s`);
});

test('a database that refuses connections is away', async () => {
  const { database, health } = await watchedDatabase();
  await health.awaitDecision();
  database.stop();
  health.suspect();
  assert.equal(await health.awaitDecision(), 'away');
});

test('a database that is away is probed until it answers', async () => {
  const { database, health } = await watchedDatabase(false);
  assert.equal(await health.awaitDecision(), 'away');
  database.answers = true;
  const seconds = await reaches(health, 'ok');
  assert.ok(seconds < 1, `${seconds} s`);
});

test('a database that turns somebody away is away for all, until a probe that comes a while later', async () => {
  const { database, health } = await watchedDatabase();
  await health.awaitDecision();
  await reaches(health, 'ok');
  await new Promise(resolve => setTimeout(resolve, 300));
  assert.equal(database.probes, 1);
  health.refused('55000');
  assert.equal(health.state, 'away');
  const seconds = await reaches(health, 'ok');
  assert.ok(seconds > 0.15 && seconds < 1, `${seconds} s`);
  assert.equal(database.probes, 2);
});

test('a database that refuses a connection as it has too many is full, until a probe that comes a while later', async () => {
  let told = 0;
  const { database, health } = await watchedDatabase(true, { onFull: () => (told += 1) });
  await health.awaitDecision();
  for (const probes of [2, 3]) {
    health.refused('53300');
    assert.equal(health.state, 'full');
    assert.equal(await health.awaitDecision(), 'full');
    const seconds = await reaches(health, 'ok');
    assert.ok(seconds > 0.15 && seconds < 1, `${seconds} s`);
    assert.equal(database.probes, probes);
  }
  assert.equal(told, 1);
});

test('a name that only the hosts file has is found', async () => {
  const { health } = await watchedDatabase(true, { host: 'localhost' });
  assert.equal(await health.awaitDecision(), 'ok');
  assert.equal(health.address, '127.0.0.1');
});

test('a name that moves to another address is followed within a second, and is away where it has none', async () => {
  let address: string | undefined = '127.0.0.1';
  const find = async () => (address ? [{ address, family: 4 }] : Promise.reject(new Error('ENOTFOUND')));
  const { database, health } = await watchedDatabase(true, { host: 'database', find });
  await health.awaitDecision();
  assert.equal(health.address, '127.0.0.1');
  const { moves } = health;

  address = undefined;
  health.suspect();
  assert.equal(await health.awaitDecision(), 'away');
  assert.equal(health.moves, moves);

  const moved = new FakeDatabase();
  cleanUp.push(() => moved.stop());
  await moved.start('127.0.0.2', database.port);
  address = '127.0.0.2';
  const seconds = await reaches(health, 'ok');
  assert.ok(seconds < 1, `${seconds} s`);
  assert.equal(health.address, '127.0.0.2');
  assert.notEqual(health.moves, moves);
});

test('of several addresses the one that answered last is kept for as long as it answers', async () => {
  let addresses = ['127.0.0.1'];
  const find = async () => addresses.map(address => ({ address, family: 4 }));
  const { database, health } = await watchedDatabase(true, { host: 'database', find });
  await health.awaitDecision();
  const other = new FakeDatabase();
  cleanUp.push(() => other.stop());
  await other.start('127.0.0.2', database.port);
  addresses = ['127.0.0.2', '127.0.0.1'];
  health.suspect();
  assert.equal(await health.awaitDecision(), 'ok');
  assert.equal(health.address, '127.0.0.1');
  assert.equal(other.probes, 0);
  database.stop();
  health.suspect();
  assert.equal(await health.awaitDecision(), 'ok');
  assert.equal(health.address, '127.0.0.2');
});

for (const [host, probes] of [
  ['localhost', 2],
  ['127.0.0.1', 1],
] as const) {
  test(`${host} is probed ${probes} times when connections are opened over more than a second`, async () => {
    const { database, health } = await watchedDatabase(true, { host });
    assert.equal(await health.awaitDecision(), 'ok');
    assert.equal(await health.awaitDecision(), 'ok');
    assert.equal(database.probes, 1);
    await new Promise(resolve => setTimeout(resolve, 1050));
    assert.equal(await health.awaitDecision(), 'ok');
    assert.equal(database.probes, probes);
  });
}

test('only a watcher says that a database which is away is back', async () => {
  const health = new DatabaseHealth(new SharedArrayBuffer(DatabaseHealth.BYTES));
  health.decide('away');
  health.suspect();
  assert.equal(health.state, 'away');
});

test('without a watcher a database counts as away, and nobody waits for ever', async () => {
  const health = new DatabaseHealth(new SharedArrayBuffer(DatabaseHealth.BYTES));
  assert.equal(health.state, 'suspect');
  assert.equal(await health.awaitDecision(), 'away');
  const start = performance.now();
  assert.equal(health.awaitDecisionBlocking(), 'away');
  const seconds = (performance.now() - start) / 1000;
  assert.ok(seconds < 0.9, `${seconds} s`);
});
