import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueLines } from './queue-lines.ts';

const placesOf = (lines: QueueLines, dots: readonly number[]) => {
  lines.begin();
  return dots.map(dot => {
    const { row, place } = lines.place(dot);
    return `${row}:${place}`;
  });
};

test('who comes joins the shortest row, those in the middle first', () => {
  assert.deepEqual(placesOf(new QueueLines(3), [1, 2, 3, 4, 5]), ['1:0', '0:0', '2:0', '1:1', '0:1']);
});

test('when the first has left its row moves on, and nobody changes rows', () => {
  const lines = new QueueLines(3);
  placesOf(lines, [1, 2, 3, 4, 5]);
  lines.leave(1);
  assert.deepEqual(placesOf(lines, [2, 3, 4, 5, 6]), ['0:0', '2:0', '1:0', '0:1', '1:1']);
});

test('whoever leaves in whatever order, no two are in one place and no row has a gap', () => {
  const lines = new QueueLines(4);
  const dots: number[] = [];
  for (let step = 0; step < 500; step++) {
    if (step % 3 < 2) dots.push(step);
    else lines.leave(dots.splice((step * 7) % dots.length, 1)[0] ?? -1);
    const places = placesOf(lines, dots);
    assert.equal(new Set(places).size, dots.length);
    for (let row = 0; row < 4; row++) {
      const own = places.filter(place => place.startsWith(`${row}:`));
      assert.deepEqual(
        own,
        own.map((_, place) => `${row}:${place}`),
      );
    }
  }
});

test('the next place is where the next that comes will wait', () => {
  const lines = new QueueLines(2);
  placesOf(lines, [1, 2, 3]);
  const next = lines.next();
  assert.deepEqual(lines.place(4), next);
});
