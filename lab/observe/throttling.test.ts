import assert from 'node:assert/strict';
import { test } from 'node:test';
import { throttledHere, throttledIn } from './throttling.ts';

test('both versions of control groups tell the time in units of their own', () => {
  assert.equal(throttledIn('nr_throttled 2\nthrottled_time 150000000\n'), 0.15);
  assert.equal(throttledIn('usage_usec 9\nnr_throttled 2\nthrottled_usec 150000\n'), 0.15);
});

test('a group without a limit of its own, or that is not there, tells nothing', () => {
  assert.equal(throttledIn('usage_usec 9\nuser_usec 4\n'), null);
  assert.equal(throttledIn(undefined), null);
});

test('the group of this process is read where its version puts it', () => {
  const files = new Map([['/sys/fs/cgroup/cpu/cpu.stat', 'throttled_time 2000000000\n']]);
  assert.equal(
    throttledHere(path => files.get(path)),
    2,
  );
  files.set('/sys/fs/cgroup/cpu.stat', 'throttled_usec 3000000\n');
  assert.equal(
    throttledHere(path => files.get(path)),
    3,
  );
});
