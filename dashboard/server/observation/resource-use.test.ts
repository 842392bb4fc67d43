import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProcessInterval } from './follower.ts';
import { ResourceUse } from './resource-use.ts';

test('two looks at a process make an interval; memory is that of all processes, at the latest look', () => {
  const intervals: ProcessInterval[] = [];
  const use = new ResourceUse(interval => intervals.push(interval));
  use.used(1, { pid: 11, cpu: 5, memory: 60_000_000 }, 100);
  use.used(2, { pid: 12, cpu: 9, memory: 70_000_000 }, 100);
  assert.equal(use.memory, 130_000_000);
  use.used(1, { pid: 11, cpu: 5.5, memory: 65_000_000 }, 101.25);
  assert.deepEqual(intervals, [{ endedAt: 101.25, duration: 1.25, cpu: 0.5 }]);
  assert.equal(use.memory, 135_000_000);
});

test('a process that was started again, or does not answer, ends no interval', () => {
  const intervals: ProcessInterval[] = [];
  const use = new ResourceUse(interval => intervals.push(interval));
  use.used(1, { pid: 11, cpu: 5, memory: 60_000_000 }, 100);
  use.used(1, { pid: 21, cpu: 0.2, memory: 40_000_000 }, 101);
  use.silent(1);
  assert.equal(use.memory, 0);
  use.used(1, { pid: 21, cpu: 0.9, memory: 50_000_000 }, 103);
  assert.deepEqual(intervals, []);
});
