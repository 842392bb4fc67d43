import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProcessCounters, isProcessResources, type ProcessCounters } from './wire.ts';

const counters: ProcessCounters = {
  pid: 7,
  ready: true,
  database: 'ok',
  workers: [
    {
      name: 'sync-1.1',
      port: 10_101,
      inProgress: 1,
      completed: 10,
      busy: 2.5,
      databaseWait: 1,
      connectionsInUse: 1,
      connectionsOpen: 1,
      connectionsHeld: 1,
      connectionWait: 0,
      databaseConnections: 1,
    },
  ],
};
const [worker] = counters.workers;
const { pid, ...withoutPid } = counters;

const cases: [what: string, answer: unknown, isCounters: boolean][] = [
  ['counters', counters, true],
  ['counters of a process without workers', { ...counters, workers: [] }, true],
  ['counters with kills for memory', { ...counters, memoryKills: { count: 1, limit: 4e8 } }, true],
  ['kills for memory without a limit', { ...counters, memoryKills: { count: 1 } }, false],
  ['no process id', withoutPid, false],
  ['a process id as text', { ...counters, pid: `${pid}` }, false],
  ['an unknown state of the database', { ...counters, database: 'gone' }, false],
  ['a worker without a name', { ...counters, workers: [{ ...worker, name: undefined }] }, false],
  ['a worker without a counter', { ...counters, workers: [{ ...worker, completed: undefined }] }, false],
  ['workers that are no list', { ...counters, workers: 2 }, false],
  ['null', null, false],
  ['text', 'counters', false],
];

for (const [what, answer, isCounters] of cases) {
  test(`an answer to /counters with ${what} is ${isCounters ? 'accepted' : 'rejected'}`, () =>
    assert.equal(isProcessCounters(answer), isCounters));
}

test('an answer to /resources needs a process id, CPU time and memory', () => {
  assert.equal(isProcessResources({ pid: 7, cpu: 1.25, memory: 40_000_000 }), true);
  assert.equal(isProcessResources({ pid: 7, cpu: 1.25 }), false);
});
