import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAddresses, listedIn } from './name-lookup.ts';

const hosts = `
127.0.0.1\tlocalhost
::1       localhost ip6-localhost # loopback
10.0.0.7  db db.example  # db-old
# 10.0.0.8 db
not-an-address db
`;

test('a hosts file lists the addresses of a name in its order, and nothing of its comments', () => {
  const addresses = (name: string) => listedIn(hosts, name).map(({ address, family }) => `${address} ${family}`);
  assert.deepEqual(addresses('localhost'), ['127.0.0.1 4', '::1 6']);
  assert.deepEqual(addresses('DB.example'), ['10.0.0.7 4']);
  assert.deepEqual(addresses('db'), ['10.0.0.7 4']);
  assert.deepEqual(addresses('db-old'), []);
  assert.deepEqual(addresses('10.0.0.7'), []);
});

test('a name that nobody knows is given up in half a second', async () => {
  const start = performance.now();
  await assert.rejects(findAddresses('no-such-name.invalid'));
  const seconds = (performance.now() - start) / 1000;
  assert.ok(seconds < 0.5, `${seconds} s`);
});
