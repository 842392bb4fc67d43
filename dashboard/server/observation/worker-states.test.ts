import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processCounters, workerCounters } from '../../../lab/probe/testdata/counters.ts';
import { deploymentOf } from '../../../model/deployment.ts';
import type { DeploymentId, Mark } from '../../protocol.ts';
import type { WorkerInterval } from './utilisation-meter.ts';
import { WorkerStates } from './worker-states.ts';

/** The workers of a deployment on two CPUs, and what they tell. */
function watch(id: DeploymentId) {
  const intervals: WorkerInterval[] = [];
  const marks: Omit<Mark, 'id'>[] = [];
  const workers = new WorkerStates(deploymentOf(id, 2, id === 'threads' ? { threadsPerProcess: 2 } : {}), {
    worked: interval => {
      const { duration, busy, connectionsHeld } = interval;
      intervals.push({
        ...interval,
        ...{ duration: round(duration), busy: round(busy), connectionsHeld: round(connectionsHeld) },
      });
    },
    mark: mark => marks.push(mark),
  });
  return { workers, intervals, marks };
}

function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

test('workers have no state until each of their processes was heard of', () => {
  const { workers } = watch('hybrid');
  workers.counted(1, processCounters(11, workerCounters('hybrid-1.1'), workerCounters('of-another')), 100);
  assert.equal(workers.states, undefined);
  workers.gone(2, 100);
  assert.deepEqual(workers.states, [
    { inProgress: 0, connectionsInUse: 0, connections: 20, computing: 0, alive: true },
    { inProgress: 0, connectionsInUse: 0, connections: 20, computing: 0, alive: false },
  ]);
});

test('an event loop computes while it is busy, whatever its tasks wait for', () => {
  const { workers, intervals } = watch('async');
  const counted = (at: number, counters: Parameters<typeof workerCounters>[1]) =>
    workers.counted(1, processCounters(11, workerCounters('async-1.1', counters)), at);
  counted(100, { busy: 7, databaseWait: 90, connectionsHeld: 95 });
  const state = { inProgress: 32, connectionsInUse: 20 };
  counted(100.2, { busy: 7.05, databaseWait: 94, connectionsHeld: 99.1, databaseConnections: 10, ...state });
  assert.deepEqual(workers.states, [{ ...state, connections: 10, computing: 0.25, alive: true }]);
  assert.deepEqual(intervals, [
    { worker: 'async-1.1', duration: 0.2, busy: 0.05, connectionsHeld: 4.1, connections: 10, inProgress: 32 },
  ]);
  counted(100.4, { busy: 7.26 });
  assert.deepEqual([workers.states?.[0]?.computing, intervals[1]?.busy], [1, 0.2], 'never more than all the time');
});

test('a blocking worker is busy while it waits for the database, and computes in the rest', () => {
  const { workers, intervals } = watch('threads');
  const counted = (at: number, busy: number, databaseWait: number, connectionsInUse: number) => {
    const counters = { busy, databaseWait, connectionsHeld: databaseWait, connectionsInUse, databaseConnections: 1 };
    workers.counted(1, processCounters(11, workerCounters('threads-1.1', counters)), at);
    return workers.states?.[0]?.computing;
  };
  counted(100, 10, 8, 0);
  assert.equal(counted(100.2, 10.2, 8.16, 1), 0.2);
  assert.equal(counted(100.4, 10.4, 8.16, 1), 0, 'a wait that goes on');
  assert.equal(counted(100.6, 10.6, 8.56, 0), 0, 'it ended');
  assert.equal(counted(100.8, 10.8, 8.56, 0), 1);
  assert.equal(counted(101, 10.8, 8.56, 0), 0, 'idle');
  assert.deepEqual(
    intervals.map(({ busy }) => busy),
    [0.2, 0.2, 0.2, 0.2, 0],
  );
});

/** Readings of a counter of waits every 0.2 s, and the seconds that each interval should have. */
const waits: [sentence: string, readings: [ended: number, ongoing: number][], held: number[]][] = [
  [
    'short waits count when they end',
    [
      [5, 0],
      [5.12, 1],
      [5.12, 0],
      [5.3, 1],
    ],
    [0.12, 0, 0.18],
  ],
  [
    'a long wait counts while it goes on',
    [
      [5, 0],
      [5, 1],
      [5, 1],
      [5, 1],
      [5.65, 0],
      [5.65, 0],
    ],
    [0, 0.2, 0.2, 0.25, 0],
  ],
  [
    'each of many waits counts',
    [
      [0, 40],
      [0, 40],
      [0, 30],
      [18, 0],
    ],
    [8, 6, 4],
  ],
  [
    'nothing counts twice',
    [
      [0, 1],
      [0, 1],
      [0, 1],
      [0.6, 1],
      [0.6, 1],
      [0.8, 0],
    ],
    [0.2, 0.2, 0.2, 0.2, 0],
  ],
];

test('connections are held for as long as their waits, which may go on', () => {
  for (const [sentence, readings, held] of waits) {
    const { workers, intervals } = watch('async');
    for (const [index, [connectionsHeld, connectionsInUse]] of readings.entries()) {
      const counters = workerCounters('async-1.1', { connectionsHeld, connectionsInUse });
      workers.counted(1, processCounters(11, counters), 100 + index / 5);
    }
    const seconds = intervals.map(interval => Math.round(interval.connectionsHeld * 1000) / 1000);
    assert.deepEqual(seconds, held, sentence);
  }
});

test('a process that is gone has ended, and is back when it answers', () => {
  const { workers, intervals, marks } = watch('threads');
  const both = [workerCounters('threads-1.1', { busy: 5 }), workerCounters('threads-1.2')];
  const alive = () => workers.states?.map(state => state.alive);
  workers.counted(1, processCounters(11, ...both), 100);
  workers.gone(1, 100.2);
  workers.gone(1, 100.4);
  assert.deepEqual(alive(), [false, false]);
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
  assert.deepEqual([alive(), intervals], [[true, true], []], 'a new process counts from zero');
  workers.counted(1, processCounters(13, ...both), 101.2);
  assert.deepEqual(
    marks.map(({ kind, time, worker }) => `${kind} ${time} ${worker}`),
    [
      ...['worker-ended 100.2 threads-1.1', 'worker-ended 100.2 threads-1.2'],
      ...['worker-back 101 threads-1.1', 'worker-back 101 threads-1.2'],
      ...['worker-ended 101.2 threads-1.1', 'worker-ended 101.2 threads-1.2'],
      ...['worker-back 101.2 threads-1.1', 'worker-back 101.2 threads-1.2'],
    ],
  );
});

test('a process that was late, or never alive, has not ended', () => {
  const { workers, intervals, marks } = watch('hybrid');
  workers.gone(1, 99);
  workers.counted(1, processCounters(11, workerCounters('hybrid-1.1', { busy: 5 })), 100);
  workers.counted(1, processCounters(11, workerCounters('hybrid-1.1', { busy: 6 })), 104);
  assert.deepEqual(marks, []);
  assert.deepEqual([intervals.at(-1)?.duration, intervals.at(-1)?.busy], [4, 1]);
});

test('a process that the kernel killed for memory is told as such, once', () => {
  const { workers, marks } = watch('hybrid');
  const limit = 268_435_456;
  const counted = (process: 1 | 2, pid: number, count: number) => {
    const counters = processCounters(pid, workerCounters(`hybrid-${process}.1`));
    workers.counted(process, { ...counters, memoryKills: { count, limit } }, 100);
  };
  const kills = () => marks.splice(0).flatMap(({ kind, worker }) => (kind === 'killed-for-memory' ? [worker] : []));
  counted(1, 11, 0);
  counted(2, 21, 3);
  assert.deepEqual(kills(), [], 'kills of before');
  workers.gone(1, 100);
  counted(1, 12, 4);
  const mark = marks.find(({ kind }) => kind === 'killed-for-memory');
  assert.deepEqual(mark, { time: 100, kind: 'killed-for-memory', worker: 'hybrid-1.1', count: limit });
  assert.deepEqual(kills(), ['hybrid-1.1']);
  counted(2, 22, 4);
  assert.deepEqual(kills(), [], 'ended on an order');
  workers.gone(1, 100);
  workers.gone(2, 100);
  counted(1, 13, 6);
  counted(2, 23, 6);
  assert.deepEqual(kills(), ['hybrid-1.1', 'hybrid-2.1'], 'both at once');
  counted(1, 14, 9);
  counted(1, 15, 9);
  assert.deepEqual(kills(), ['hybrid-1.1'], 'three times before it answered, then on an order');
  counted(1, 16, 0);
  counted(1, 17, 1);
  assert.deepEqual(kills(), ['hybrid-1.1'], 'in a container that was started again');
});
