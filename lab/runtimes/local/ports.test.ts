import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { LoadlineError } from '../../../model/errors.ts';
import { areFree, claimPorts } from './ports.ts';

test('claimed ports are free, in a row, and below those of outgoing connections', async () => {
  await using claim = await claimPorts(100);
  const [first = 0] = claim.ports;
  assert.deepEqual(
    claim.ports,
    Array.from({ length: 100 }, (_, index) => first + index),
  );
  assert.ok(first >= 20_000 && first + 100 <= 32_768, `${first}`);
  assert.ok(await areFree(claim.ports));
});

test('thirty claims at the same moment have no port in common', async () => {
  const claims = await Promise.all(Array.from({ length: 30 }, () => claimPorts(70)));
  const ports = claims.flatMap(claim => claim.ports);
  assert.equal(new Set(ports).size, 30 * 70);
  await Promise.all(claims.map(claim => claim.release()));
});

test('a port on which somebody listens is not free', async () => {
  await using claim = await claimPorts(2);
  const [port = 0, other = 0] = claim.ports;
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  assert.equal(await areFree([other, port]), false);
  assert.equal(await areFree([other]), true);
  server.close();
  await once(server, 'close');
});

test('more ports than there are is refused with what to change', async () => {
  await assert.rejects(claimPorts(20_000), {
    code: 'deployment-impossible',
    message: /choose fewer processes or threads/,
  });
});

test('a claim that is interrupted throws the reason', async () => {
  const reason = new LoadlineError('interrupted', 'Ctrl-C');
  await assert.rejects(claimPorts(1, AbortSignal.abort(reason)), reason);
});
