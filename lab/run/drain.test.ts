import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { WorkerCounters } from '../../model/wire.ts';
import { drain } from './drain.ts';
import type { Observer } from './observation.ts';
import { hiddenObserver, idleObserver, none, nothingRead } from './testdata/nothing-read.ts';

const idle: WorkerCounters = {
  ...{ name: 'sync-1.1', port: 10001, inProgress: 0, completed: 10, busy: 1, databaseWait: 0 },
  ...{ connectionsInUse: 0, connectionsOpen: 0, connectionsHeld: 0, connectionWait: 0, databaseConnections: 1 },
};
const never = new AbortController().signal;
const notDrained = { code: 'not-drained' };
/** The value at a look; the last one stays. */
const at = <Value>(values: readonly Value[], look: number) => values[Math.min(look, values.length - 1)];

const told: [what: string, workers: WorkerCounters[], looks: number | 'not drained'][] = [
  ['nothing in progress, nothing completed and time to spare', [idle, idle], 2],
  [
    'one request after the other from its socket',
    [idle, { ...idle, completed: 14, busy: 1.1 }, { ...idle, completed: 18, busy: 1.2 }],
    4,
  ],
  ['one long request', Array.from({ length: 20 }, (_, look) => ({ ...idle, busy: 1 + look / 10 })), 'not drained'],
];
for (const [what, workers, expected] of told) {
  test(`a worker with ${what}: ${expected === 'not drained' ? expected : `drained after ${expected} looks`}`, async () => {
    let looks = 0;
    const read = async () => ({ ...nothingRead, time: looks / 10, workers: [at(workers, looks++) ?? idle] });
    const drained = drain({ ...idleObserver, read }, 0.5, never);
    if (expected === 'not drained') return assert.rejects(drained, notDrained);
    await drained;
    assert.equal(looks, expected);
  });
}

/** A server that answers after these milliseconds, and an observer that sees this CPU time, in seconds, a tenth of a second apart. */
async function hiddenServer(context: TestContext, delays: number[], cpu: number[] = [0]) {
  const seen = { requests: 0, connections: 0, looks: 0 };
  const server = createServer((_, response) => {
    setTimeout(() => response.end(), at(delays, seen.requests++));
  });
  server.on('connection', () => seen.connections++);
  context.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const observer: Observer = {
    ...hiddenObserver(async () => {
      const look = seen.looks++;
      return { time: look / 10, cpu: { ...none, workers: at(cpu, look) ?? 0 } };
    }),
    sessions: async () => ({ active: 0, inUse: 0, open: 2 }),
  };
  const address = `http://127.0.0.1:${port}`;
  const idleCheck = { addresses: [address], request: { method: 'GET', path: '/' }, responseTime: 0.05 } as const;
  return { observer, idleCheck, address, seen };
}

const hidden: [what: string, delays: number[], cpu: number[], looks: number, requests: number][] = [
  [
    'when three probes in a row are in time: one late, one in time, one late, three in time',
    [200, 0, 150, 0],
    [0],
    4,
    6,
  ],
  ['when it computes no more, before which it is sent no probe', [0], [0.1, 0.2, 0.3, 0.4], 5, 3],
];
for (const [what, delays, cpu, looks, requests] of hidden) {
  test(`a hidden deployment has drained ${what}`, async context => {
    const { observer, idleCheck, seen } = await hiddenServer(context, delays, cpu);
    await drain(observer, 5, never, idleCheck);
    assert.deepEqual([seen.looks, seen.requests], [looks, requests]);
  });
}

test('each worker is probed, over a connection of its own for each probe', async context => {
  const { observer, idleCheck, address, seen } = await hiddenServer(context, [0]);
  await drain(observer, 5, never, { ...idleCheck, addresses: [address, address] });
  assert.deepEqual([seen.requests, seen.connections], [6, 6]);
});

test('a hidden deployment that answers late, has a connection in use, or computes, has not drained', async context => {
  const late = await hiddenServer(context, [250]);
  await assert.rejects(drain(late.observer, 0.3, never, late.idleCheck), notDrained);
  const busy = await hiddenServer(context, [0]);
  const sessions = async () => ({ active: 0, inUse: 1, open: 2 });
  await assert.rejects(drain({ ...busy.observer, sessions }, 0.3, never, busy.idleCheck), notDrained);
  assert.equal(busy.seen.requests, 0, 'no probe while the database is at work');
  const computing = await hiddenServer(context, [0], [0, 1, 2, 3, 4, 5]);
  const uncounted = { ...computing.observer, sessions: async () => null };
  await assert.rejects(drain(uncounted, 0.3, never, computing.idleCheck), notDrained);
});
