import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { WorkerCounters } from '../../model/wire.ts';
import { drain } from './drain.ts';
import type { Observer, Reading } from './observer.ts';
import { none, nothingRead } from './testdata/nothing-read.ts';

const idle: WorkerCounters = {
  name: 'sync-1.1',
  port: 10001,
  inProgress: 0,
  completed: 10,
  busy: 1,
  databaseWait: 0,
  connectionsInUse: 0,
  connectionsOpen: 0,
  connectionsHeld: 0,
  connectionWait: 0,
  databaseConnections: 1,
};

/** An observer that reads these workers one after the other, a tenth of a second apart, and then the last for ever. */
function observing(readings: WorkerCounters[]): Observer & { looks: number } {
  return {
    looks: 0,
    async read(): Promise<Reading> {
      const worker = readings[Math.min(this.looks, readings.length - 1)] ?? idle;
      const time = this.looks++ / 10;
      return { ...nothingRead, time, workers: [worker] };
    },
    readOthers: async () => [],
    held: async () => new Map(),
    activeBackends: async () => null,
    memory: async () => none,
  };
}

test('a worker with nothing in progress, nothing completed and time to spare has drained', async () => {
  await drain(observing([idle, idle]), 1, new AbortController().signal);
});

test('a blocked worker that takes one request after the other from its socket has not drained yet', async () => {
  const observer = observing([idle, { ...idle, completed: 14, busy: 1.1 }, { ...idle, completed: 18, busy: 1.2 }]);
  await drain(observer, 1, new AbortController().signal);
  assert.equal(observer.looks, 4, 'it looks until two readings are equal');
});

test('a worker that is inside one long request has not drained', async () => {
  const blocked = Array.from({ length: 20 }, (_, look) => ({ ...idle, busy: 1 + look / 10 }));
  await assert.rejects(drain(observing(blocked), 0.5, new AbortController().signal), { code: 'not-drained' });
});

/** A server that answers each request after this many milliseconds, and an observer of a deployment that tells nothing. */
async function hiddenServer(context: TestContext, delays: number[]) {
  let asked = 0;
  const server = createServer((_, response) => {
    setTimeout(() => response.end(), delays[Math.min(asked++, delays.length - 1)]);
  });
  context.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const { workers: _, ...told } = nothingRead;
  const observer: Observer = {
    read: async () => ({ ...told, time: performance.now() / 1000 }),
    readOthers: async () => [],
    held: async () => undefined,
    activeBackends: async () => 0,
    memory: async () => none,
  };
  const probing = {
    endpoints: [`http://127.0.0.1:${port}`],
    request: { method: 'GET', path: '/' },
    responseTime: 0.05,
  } as const;
  return { observer, probing, asked: () => asked };
}

test('a hidden deployment has drained when three probes in a row are answered in time', async context => {
  const { observer, probing, asked } = await hiddenServer(context, [200, 0, 150, 0]);
  await drain(observer, 5, new AbortController().signal, probing);
  assert.equal(asked(), 6, 'one late, one in time, one late, three in time');
});

test('a hidden deployment that still answers late, or has a statement in its database, has not drained', async context => {
  const { observer, probing, asked } = await hiddenServer(context, [250]);
  await assert.rejects(drain(observer, 0.5, new AbortController().signal, probing), { code: 'not-drained' });
  const before = asked();
  const busy = { ...observer, activeBackends: async () => 1 };
  await assert.rejects(drain(busy, 0.3, new AbortController().signal, probing), { code: 'not-drained' });
  assert.equal(asked(), before, 'while the database is at work nothing is asked');
});
