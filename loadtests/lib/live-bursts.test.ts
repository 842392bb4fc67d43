import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bursts } from './live-bursts.ts';

test('a burst is due once, however long it is named', () => {
  const bursts = new Bursts();
  const due = [[], [1], [1, 2], [2, 1], [4, 3, 2], [4], [], [5]].map(numbers => bursts.due(named(numbers)));
  assert.deepEqual(
    due.map(some => some.map(({ number }) => number)),
    [[], [1], [2], [], [3, 4], [], [], [5]],
  );
});

test('what the first orders name is due: it was asked for while there was no generator', () => {
  const bursts = new Bursts();
  assert.deepEqual(bursts.due(named([6, 7])), named([6, 7]));
  assert.deepEqual(bursts.due(named([6, 7])), []);
});

function named(numbers: readonly number[]) {
  return numbers.map(number => ({ number, target: 'hybrid', requests: 5 }));
}
