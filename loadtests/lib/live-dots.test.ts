import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DotNumbers, EveryNth } from './live-dots.ts';

test('every n-th is picked, the first one included', () => {
  const nth = new EveryNth();
  const picked = Array.from({ length: 10 }, () => nth.picks(4));
  assert.deepEqual(
    picked.flatMap((isPicked, index) => (isPicked ? [index] : [])),
    [0, 4, 8],
  );
});

test('another n holds from the next one on', () => {
  const nth = new EveryNth();
  const picked = [100, 100, 100, 1, 1, 2, 2, 2].map(n => nth.picks(n));
  assert.deepEqual(picked, [true, false, false, true, true, false, true, false]);
});

test('dots have whole numbers that no later start uses again', () => {
  const [first, later] = [new DotNumbers(1_795_771_234.567), new DotNumbers(1_795_771_234.568)];
  const numbers = Array.from({ length: 1000 }, () => first.take());
  assert.equal(numbers[0], 1_795_771_234_567_000);
  assert.equal(new Set(numbers).size, 1000);
  assert.equal(later.take(), (numbers.at(-1) ?? 0) + 1);
  assert.ok(numbers.every(Number.isSafeInteger));
});
