import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { WorkerCounters } from '../../model/wire.ts';
import { drain } from './drain.ts';
import type { Observer, Snapshot } from './observation.ts';
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
function observing(snapshots: WorkerCounters[]): Observer & { looks: number } {
  return {
    looks: 0,
    async read(): Promise<Snapshot> {
      const worker = snapshots[Math.min(this.looks, snapshots.length - 1)] ?? idle;
      const time = this.looks++ / 10;
      return { ...nothingRead, time, workers: [worker] };
    },
    readOthers: async () => [],
    held: async () => new Map(),
    sessions: async () => null,
    memory: async () => none,
  };
}

const never = new AbortController().signal;
const notDrained = { code: 'not-drained' };

test('a worker with nothing in progress, nothing completed and time to spare has drained', async () => {
  await drain(observing([idle, idle]), 1, never);
});

test('a blocked worker that takes one request after the other from its socket has not drained yet', async () => {
  const observer = observing([idle, { ...idle, completed: 14, busy: 1.1 }, { ...idle, completed: 18, busy: 1.2 }]);
  await drain(observer, 1, never);
  assert.equal(observer.looks, 4, 'it looks until two snapshots are equal');
});

test('a worker that is inside one long request has not drained', async () => {
  const blocked = Array.from({ length: 20 }, (_, look) => ({ ...idle, busy: 1 + look / 10 }));
  await assert.rejects(drain(observing(blocked), 0.5, never), notDrained);
});

/**
 * A server that answers each request after this many milliseconds, and an observer of a deployment that tells nothing
 * and has used so much CPU time, in seconds, at each look; looks are a tenth of a second apart.
 */
async function hiddenServer(context: TestContext, delays: number[], cpu: number[] = [0]) {
  const seen = { requests: 0, connections: 0, looks: 0 };
  const at = (values: number[], index: number) => values[Math.min(index, values.length - 1)] ?? 0;
  const server = createServer((_, response) => {
    setTimeout(() => response.end(), at(delays, seen.requests++));
  });
  server.on('connection', () => seen.connections++);
  context.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const { workers: _, ...told } = nothingRead;
  const observer: Observer = {
    async read() {
      const look = seen.looks++;
      return { ...told, time: look / 10, cpu: { ...none, workers: at(cpu, look) } };
    },
    readOthers: async () => [],
    held: async () => undefined,
    sessions: async () => ({ active: 0, inUse: 0, open: 2 }),
    memory: async () => none,
  };
  const address = `http://127.0.0.1:${port}`;
  const idleCheck = { addresses: [address], request: { method: 'GET', path: '/' }, responseTime: 0.05 } as const;
  return { observer, idleCheck, address, seen };
}

test('a hidden deployment has drained when three probes in a row are answered in time', async context => {
  const { observer, idleCheck, seen } = await hiddenServer(context, [200, 0, 150, 0]);
  await drain(observer, 5, never, idleCheck);
  assert.equal(seen.requests, 6, 'one late, one in time, one late, three in time');
});

test('each worker is probed, over a connection of its own for each probe', async context => {
  const { observer, idleCheck, address, seen } = await hiddenServer(context, [0]);
  await drain(observer, 5, never, { ...idleCheck, addresses: [address, address] });
  assert.deepEqual([seen.requests, seen.connections], [6, 6]);
});

test('a hidden deployment that still answers late, or has a database connection in use, has not drained', async context => {
  const { observer, idleCheck, seen } = await hiddenServer(context, [250]);
  await assert.rejects(drain(observer, 0.5, never, idleCheck), notDrained);
  const before = seen.requests;
  const busy = { ...observer, sessions: async () => ({ active: 0, inUse: 1, open: 2 }) };
  await assert.rejects(drain(busy, 0.3, never, idleCheck), notDrained);
  assert.equal(seen.requests, before, 'while the database is at work nothing is asked');
});

test('a hidden deployment that computes has not drained, though what is asked of it is answered at once', async context => {
  const { observer, idleCheck, seen } = await hiddenServer(context, [0], [0.1, 0.2, 0.3, 0.4]);
  await drain(observer, 5, never, idleCheck);
  assert.deepEqual([seen.looks, seen.requests], [5, 3], 'nothing is asked until two looks see the same CPU time');
});

test('where sessions cannot be counted, CPU time and probes say whether a hidden deployment has drained', async context => {
  const unseen = async (delay: number, cpu: number[]) => {
    const { observer, idleCheck } = await hiddenServer(context, [delay], cpu);
    return drain({ ...observer, sessions: async () => null }, 0.3, never, idleCheck);
  };
  await unseen(0, [0]);
  await assert.rejects(unseen(0, [0, 1, 2, 3, 4, 5]), notDrained);
  await assert.rejects(unseen(250, [0]), notDrained);
});
