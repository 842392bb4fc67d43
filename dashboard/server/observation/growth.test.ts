import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Growth } from './growth.ts';

/** What each interval of 0.2 s is said to hold, rounded to 1 ms; the first reading ends none. */
function intervals(readings: [ended: number, goingOn: number][]): number[] {
  const growth = new Growth();
  return readings.map(([ended, goingOn]) => Math.round(growth.in({ ended, goingOn }, 0.2) * 1000) / 1000).slice(1);
}

test('short waits count in the interval in which they end', () => {
  assert.deepEqual(
    intervals([
      [5, 0],
      [5.12, 1],
      [5.12, 0],
      [5.3, 1],
    ]),
    [0.12, 0, 0.18],
  );
});

test('a wait that goes on counts while it goes on, and not again when it ends', () => {
  // It begins at 0.1 s, ends at 0.75 s.
  assert.deepEqual(
    intervals([
      [5, 0],
      [5, 1],
      [5, 1],
      [5, 1],
      [5.65, 0],
      [5.65, 0],
    ]),
    [0, 0.2, 0.2, 0.25, 0],
  );
});

test('waits of many at once count for each of them', () => {
  assert.deepEqual(
    intervals([
      [0, 40],
      [0, 40],
      [0, 30],
      [18, 0],
    ]),
    [8, 6, 4],
  );
});

test('over all intervals no more is counted than there was', () => {
  const readings: [number, number][] = [
    [0, 1],
    [0, 1],
    [0, 1],
    [0.6, 1],
    [0.6, 1],
    [0.8, 0],
  ];
  assert.equal(
    intervals(readings).reduce((sum, one) => sum + one, 0),
    0.8,
  );
});
