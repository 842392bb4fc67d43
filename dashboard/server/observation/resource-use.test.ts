import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { ProcessInterval } from './follower.ts';
import { ResourceUse } from './resource-use.ts';

let intervals: ProcessInterval[];
let use: ResourceUse;

beforeEach(() => {
  intervals = [];
  use = new ResourceUse(interval => intervals.push(interval));
});

test('two looks at a process make an interval; memory is that of all processes, at the latest look', () => {
  use.used(1, { pid: 11, cpu: 5, memory: 60_000_000 }, 100);
  use.used(2, { pid: 12, cpu: 9, memory: 70_000_000 }, 100);
  assert.equal(use.memory, 130_000_000);
  use.used(1, { pid: 11, cpu: 5.5, memory: 65_000_000 }, 101.25);
  assert.deepEqual(intervals, [{ process: 1, endedAt: 101.25, duration: 1.25, cpu: 0.5 }]);
  assert.equal(use.memory, 135_000_000);
});

test('a process that was started again, or is back, ends no interval', () => {
  use.used(1, { pid: 11, cpu: 5, memory: 60_000_000 }, 100);
  use.used(1, { pid: 21, cpu: 0.2, memory: 40_000_000 }, 101);
  use.gone(1, 102);
  assert.equal(use.memory, 0);
  use.used(1, { pid: 31, cpu: 0.9, memory: 50_000_000 }, 103);
  assert.equal(use.memory, 50_000_000);
  assert.deepEqual(intervals, []);
});

test('a process that is gone uses nothing as long as it is', () => {
  use.used(2, { pid: 11, cpu: 5, memory: 60_000_000 }, 100);
  use.gone(2, 100.5);
  assert.deepEqual(intervals, [], 'what it used until it ended nobody can tell');
  use.gone(2, 100.75);
  use.gone(2, 101);
  assert.deepEqual(intervals, [
    { process: 2, endedAt: 100.75, duration: 0.25, cpu: 0 },
    { process: 2, endedAt: 101, duration: 0.25, cpu: 0 },
  ]);
});
