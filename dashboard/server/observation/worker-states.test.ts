import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processCounters, workerCounters } from '../../../lab/probe/testdata/counters.ts';
import { deploymentOf } from '../../../model/deployment.ts';
import type { DeploymentId, Mark } from '../../protocol.ts';
import type { WorkerInterval } from './follower.ts';
import { WorkerStates } from './worker-states.ts';

/** The workers of a deployment on two CPUs, and what they tell. */
function watched(id: DeploymentId) {
  const intervals: WorkerInterval[] = [];
  const marks: Omit<Mark, 'id'>[] = [];
  const workers = new WorkerStates(deploymentOf(id, 2, id === 'threads' ? { threadsPerProcess: 2 } : {}), {
    worked: interval =>
      intervals.push({ ...interval, duration: rounded(interval.duration), busy: rounded(interval.busy) }),
    mark: mark => marks.push(mark),
  });
  return { workers, intervals, marks };
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

test('nothing is said of workers until each of their processes has been heard of', () => {
  const { workers } = watched('hybrid');
  assert.equal(workers.states, undefined);
  workers.counted(1, processCounters(11, workerCounters('hybrid-1.1')), 100);
  assert.equal(workers.states, undefined);
  workers.gone(2, 100);
  assert.deepEqual(workers.states, [
    { inProgress: 0, connectionsInUse: 0, connections: 20, computing: 0, alive: true },
    { inProgress: 0, connectionsInUse: 0, connections: 20, computing: 0, alive: false },
  ]);
});

test('an event loop computes while it is busy, whatever its tasks wait for', () => {
  const { workers, intervals } = watched('async');
  workers.counted(
    1,
    processCounters(11, workerCounters('async-1.1', { busy: 7, databaseWait: 90, connectionsHeld: 95 })),
    100,
  );
  const later = {
    busy: 7.05,
    databaseWait: 94,
    connectionsHeld: 99.1,
    inProgress: 32,
    connectionsInUse: 20,
    databaseConnections: 10,
  };
  workers.counted(1, processCounters(11, workerCounters('async-1.1', later)), 100.2);
  assert.deepEqual(workers.states, [
    { inProgress: 32, connectionsInUse: 20, connections: 10, computing: 0.25, alive: true },
  ]);
  const [interval] = intervals;
  assert.deepEqual(
    { ...interval, connectionsHeld: rounded(interval?.connectionsHeld ?? 0) },
    { worker: 'async-1.1', duration: 0.2, busy: 0.05, connectionsHeld: 4.1, connections: 10, inProgress: 32 },
  );
  assert.equal(intervals.length, 1, 'the first answer ends no interval');
});

test('a blocking worker is busy while it waits for the database, and computes only in the rest', () => {
  const { workers, intervals } = watched('threads');
  const counted = (at: number, busy: number, databaseWait: number, connectionsInUse: number) =>
    workers.counted(
      1,
      processCounters(
        11,
        workerCounters('threads-1.1', {
          busy,
          databaseWait,
          connectionsHeld: databaseWait,
          connectionsInUse,
          databaseConnections: 1,
        }),
        workerCounters('threads-1.2', { databaseConnections: 1 }),
      ),
      at,
    );
  const computing = () => workers.states?.[0]?.computing;
  counted(100, 10, 8, 0);
  counted(100.2, 10.2, 8.16, 1);
  assert.equal(computing(), 0.2);
  counted(100.4, 10.4, 8.16, 1);
  assert.equal(computing(), 0, 'a wait that is not over yet');
  counted(100.6, 10.6, 8.56, 0);
  assert.equal(computing(), 0, 'it ended');
  counted(100.8, 10.8, 8.56, 0);
  assert.equal(computing(), 1);
  counted(101, 10.8, 8.56, 0);
  assert.equal(computing(), 0, 'idle');
  assert.deepEqual(
    intervals.filter(({ worker }) => worker === 'threads-1.1').map(({ busy }) => busy),
    [0.2, 0.2, 0.2, 0.2, 0],
  );
});

test('clocks that differ by a little make no worker busier than always', () => {
  const { workers, intervals } = watched('async');
  workers.counted(1, processCounters(11, workerCounters('async-1.1', { busy: 1 })), 100);
  workers.counted(1, processCounters(11, workerCounters('async-1.1', { busy: 1.21 })), 100.2);
  assert.equal(workers.states?.[0]?.computing, 1);
  assert.equal(intervals[0]?.busy, 0.2);
});

test('a process that is gone has ended, and is back when it answers', () => {
  const { workers, intervals, marks } = watched('threads');
  const both = [workerCounters('threads-1.1', { busy: 5 }), workerCounters('threads-1.2')];
  workers.counted(1, processCounters(11, ...both), 100);
  workers.gone(1, 100.2);
  workers.gone(1, 100.4);
  assert.deepEqual(
    workers.states?.map(({ alive }) => alive),
    [false, false],
  );
  assert.deepEqual(marks.splice(0), [
    { time: 100.2, kind: 'worker-ended', worker: 'threads-1.1' },
    { time: 100.2, kind: 'worker-ended', worker: 'threads-1.2' },
  ]);
  assert.deepEqual(
    intervals.splice(0).map(({ worker, duration, busy }) => [worker, duration, busy]),
    [
      ['threads-1.1', 0.2, 0],
      ['threads-1.2', 0.2, 0],
      ['threads-1.1', 0.2, 0],
      ['threads-1.2', 0.2, 0],
    ],
  );
  workers.counted(1, processCounters(12, ...both), 101);
  assert.deepEqual(
    workers.states?.map(({ alive }) => alive),
    [true, true],
  );
  assert.deepEqual(
    marks.map(({ kind, time, worker }) => [kind, time, worker]),
    [
      ['worker-back', 101, 'threads-1.1'],
      ['worker-back', 101, 'threads-1.2'],
    ],
  );
  assert.deepEqual(intervals, [], 'another process counts from its own beginning');
});

test('a process that was started again between two questions ended and is back', () => {
  const { workers, marks } = watched('hybrid');
  workers.counted(1, processCounters(11, workerCounters('hybrid-1.1', { busy: 5 })), 100);
  workers.counted(1, processCounters(12, workerCounters('hybrid-1.1', { busy: 0.1 })), 100.2);
  assert.deepEqual(marks, [
    { time: 100.2, kind: 'worker-ended', worker: 'hybrid-1.1' },
    { time: 100.2, kind: 'worker-back', worker: 'hybrid-1.1' },
  ]);
});

test('a process that the kernel killed for memory is told as such, once, and others are not', () => {
  const { workers, marks } = watched('hybrid');
  const limit = 268_435_456;
  const counted = (process: 1 | 2, pid: number, count: number) =>
    workers.counted(
      process,
      { ...processCounters(pid, workerCounters(`hybrid-${process}.1`)), memoryKills: { count, limit } },
      100,
    );
  const kills = () => marks.splice(0).flatMap(({ kind, worker }) => (kind === 'killed-for-memory' ? [worker] : []));
  // Of kills before anybody looked nothing is told.
  counted(1, 11, 0);
  counted(2, 21, 3);
  assert.deepEqual(kills(), []);
  workers.gone(1, 100);
  counted(1, 12, 4);
  assert.deepEqual(
    marks.find(({ kind }) => kind === 'killed-for-memory'),
    {
      time: 100,
      kind: 'killed-for-memory',

      worker: 'hybrid-1.1',
      count: limit,
    },
  );
  assert.deepEqual(kills(), ['hybrid-1.1']);
  // Ended on an order.
  counted(2, 22, 4);
  assert.deepEqual(kills(), []);
  // Both at once.
  workers.gone(1, 100);
  workers.gone(2, 100);
  counted(1, 13, 6);
  counted(2, 23, 6);
  assert.deepEqual(kills(), ['hybrid-1.1', 'hybrid-2.1']);
  // Three times before it answered, then on an order.
  counted(1, 14, 9);
  counted(1, 15, 9);
  assert.deepEqual(kills(), ['hybrid-1.1']);
  // In a container that was started again.
  counted(1, 16, 0);
  counted(1, 17, 1);
  assert.deepEqual(kills(), ['hybrid-1.1']);
});

test('a process that was late for however long has not ended, and its time counts when it answers', () => {
  const { workers, intervals, marks } = watched('hybrid');
  workers.gone(2, 100);
  workers.counted(1, processCounters(11, workerCounters('hybrid-1.1', { busy: 5 })), 100);
  workers.counted(1, processCounters(11, workerCounters('hybrid-1.1', { busy: 6 })), 104);
  assert.deepEqual(marks, []);
  assert.deepEqual(
    intervals.map(({ worker, duration, busy }) => [worker, duration, busy]),
    [['hybrid-1.1', 4, 1]],
  );
});

test('a process that was never seen alive did not end', () => {
  const { workers, marks } = watched('hybrid');
  workers.gone(1, 100);
  workers.counted(1, processCounters(11, workerCounters('hybrid-1.1')), 100.2);
  assert.deepEqual(marks, []);
});

test('a worker of another name than the deployment has is left alone', () => {
  const { workers } = watched('async');
  workers.counted(1, processCounters(11, workerCounters('hybrid-1.1'), workerCounters('async-1.1')), 100);
  assert.equal(workers.states?.length, 1);
});
