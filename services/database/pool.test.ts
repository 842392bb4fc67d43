import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { TooManyConnectionsError } from './operation.ts';
import { Pool } from './pool.ts';

interface FakeConnection {
  readonly id: number;
  usable: boolean;
}

/** A pool of numbered connections whose limit can be set, with what happened to it. */
function fakePool(limit: number, fail: () => boolean = () => false, failure = new Error('refused')) {
  const seen = { limit, mayOpen: true, opened: 0, open: 0, closed: [] as number[] };
  const pool = new Pool<FakeConnection>({
    limit: () => seen.limit,
    mayOpen: () => seen.mayOpen,
    open: async () => {
      if (fail()) throw failure;
      return { id: ++seen.opened, usable: true };
    },
    isUsable: ({ usable }) => usable,
    close: ({ id }) => seen.closed.push(id),
    onOpenChange: open => {
      seen.open = open;
    },
  });
  return { pool, seen };
}

test('a connection is used again rather than opening another', async () => {
  const { pool, seen } = fakePool(4);
  for (let i = 0; i < 3; i++) pool.release(await pool.acquire());
  assert.equal(seen.opened, 1);
});

test('no more connections are open than the limit, and who waits is served in turn', async () => {
  const { pool, seen } = fakePool(2);
  const served: string[] = [];
  const users = ['a', 'b', 'c', 'd', 'e'].map(async name => {
    const connection = await pool.acquire();
    served.push(name);
    await new Promise(setImmediate);
    pool.release(connection);
  });
  await Promise.all(users);
  assert.deepEqual(served, ['a', 'b', 'c', 'd', 'e']);
  assert.equal(seen.opened, 2);
  assert.equal(seen.open, 2);
});

test('a lower limit closes connections as they come back, or at once when they are idle', async () => {
  const { pool, seen } = fakePool(3);
  const [first, second, third] = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
  seen.limit = 1;
  pool.release(first);
  pool.release(second);
  assert.equal(seen.open, 1);
  assert.deepEqual(seen.closed, [first.id, second.id]);
  pool.release(third);
  assert.equal(seen.open, 1);
  seen.limit = 0;
  pool.tidy();
  assert.equal(seen.open, 0);
});

test('a higher limit serves those who wait', async () => {
  const { pool, seen } = fakePool(1);
  await pool.acquire();
  const second = pool.acquire();
  seen.limit = 2;
  pool.tidy();
  assert.equal((await second).id, 2);
});

test('a connection that cannot be made fails the first who waits and nobody else', async () => {
  let failures = 1;
  const { pool } = fakePool(1, () => failures-- > 0);
  const [first, second] = await Promise.allSettled([pool.acquire(), pool.acquire()]);
  assert.equal(first.status, 'rejected');
  assert.equal(second.status, 'fulfilled');
});

test('while the server has no connection to spare, requests wait for those that are open', async () => {
  let isFull = false;
  let refused = 0;
  const failure = new TooManyConnectionsError('too many');
  const refuses = () => {
    if (isFull) refused += 1;
    seen.mayOpen = !isFull;
    return isFull;
  };
  const { pool, seen } = fakePool(3, refuses, failure);
  const first = await pool.acquire();
  isFull = true;
  const users = ['b', 'c', 'd'].map(() => pool.acquire().then(connection => pool.release(connection)));
  await new Promise(setImmediate);
  pool.release(first);
  await Promise.all(users);
  assert.deepEqual([seen.opened, seen.open], [1, 1]);
  assert.equal(refused, 1);
});

test('a pool without a connection rejects its requests while the server has none to spare, and then opens one at a time', async () => {
  let isFull = true;
  const { pool, seen } = fakePool(3, () => isFull, new TooManyConnectionsError('too many'));
  const refused = await Promise.allSettled([pool.acquire(), pool.acquire(), pool.acquire(), pool.acquire()]);
  assert.ok(refused.every(one => one.status === 'rejected' && one.reason instanceof TooManyConnectionsError));
  isFull = false;
  const later = [pool.acquire(), pool.acquire()];
  assert.equal(seen.open, 1);
  await Promise.all(later);
  assert.equal(seen.open, 2);
});

test('a discarded connection makes room for another', async () => {
  const { pool, seen } = fakePool(1);
  const first = await pool.acquire();
  const second = pool.acquire();
  pool.discard(first);
  assert.equal((await second).id, 2);
  assert.deepEqual(seen.closed, [1]);
});

test('a connection that ended while it was idle is not handed out', async () => {
  const { pool, seen } = fakePool(2);
  const first = await pool.acquire();
  pool.release(first);
  first.usable = false;
  assert.equal((await pool.acquire()).id, 2);
  assert.equal(seen.open, 1);
});

test('who has waited for longer than a limit is rejected, and whoever came later waits on', async () => {
  const { pool } = fakePool(1);
  const first = await pool.acquire();
  const early = pool.acquire();
  await delay(100);
  const late = pool.acquire();
  pool.rejectWaiting(new Error('too long'), 0.05);
  await assert.rejects(early, /too long/);
  pool.release(first);
  assert.equal(await late, first);
});
