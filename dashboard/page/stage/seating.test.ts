import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Seating } from './seating.ts';

test('tasks take the seats of the outer ring one after the other, and then those inside', () => {
  const seating = new Seating([3, 2]);
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6].map(dot => seating.take(dot)),
    [0, 1, 2, 3, 4, undefined],
  );
});

test('a seat that became free is taken when its turn comes round', () => {
  const seating = new Seating([3]);
  seating.take(1);
  seating.take(2);
  seating.leave(0);
  assert.equal(seating.take(3), 2);
  assert.equal(seating.take(4), 0);
});

test('a seat that is left twice is free once', () => {
  const seating = new Seating([1, 1]);
  seating.take(1);
  seating.leave(0);
  seating.leave(0);
  assert.deepEqual([seating.take(2), seating.take(3), seating.take(4)], [0, 1, undefined]);
});
