import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventHeap } from './event-heap.ts';
import { Random } from './random.ts';

test('of all that was pushed the earliest event comes out, however pushes and pops are mixed', () => {
  const random = new Random(1);
  const heap = new EventHeap();
  const left = new Map<number, number>();
  for (let event = 0; event < 3000; event++) {
    const time = random.next();
    heap.push(time, event);
    left.set(event, time);
    if (random.next() < 0.6) continue;
    const earliest = Math.min(...left.values());
    assert.equal(heap.earliest, earliest);
    const popped = heap.pop();
    assert.equal(left.get(popped), earliest);
    left.delete(popped);
    assert.equal(heap.size, left.size);
  }
});

test('a heap has no earliest event until something is pushed, and when all is popped', () => {
  const heap = new EventHeap();
  assert.equal(heap.earliest, Number.POSITIVE_INFINITY);
  heap.push(3, 7);
  assert.equal(heap.earliest, 3);
  assert.equal(heap.pop(), 7);
  assert.equal(heap.earliest, Number.POSITIVE_INFINITY);
});
