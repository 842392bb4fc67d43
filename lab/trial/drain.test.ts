import assert from 'node:assert/strict';
import { test } from 'node:test';
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
  assert.equal(await drain(observing([idle, idle]), 1, new AbortController().signal), true);
});

test('a blocked worker that takes one request after the other from its socket has not drained yet', async () => {
  const observer = observing([idle, { ...idle, completed: 14, busy: 1.1 }, { ...idle, completed: 18, busy: 1.2 }]);
  assert.equal(await drain(observer, 1, new AbortController().signal), true);
  assert.equal(observer.looks, 4, 'it looks until two readings are equal');
});

test('a worker that is inside one long request has not drained', async () => {
  const blocked = Array.from({ length: 20 }, (_, look) => ({ ...idle, busy: 1 + look / 10 }));
  assert.equal(await drain(observing(blocked), 0.5, new AbortController().signal), false);
});
