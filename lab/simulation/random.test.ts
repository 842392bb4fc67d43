import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random, seedOf } from './random.ts';

const DRAWS = 200_000;

test('the same seeds give the same numbers, and others give others', () => {
  const numbers = (...seeds: number[]) => {
    const random = new Random(...seeds);
    return Array.from({ length: 20 }, () => random.next());
  };
  assert.deepEqual(numbers(7, 1), numbers(7, 1));
  for (const other of [numbers(7, 2), numbers(6, 1), numbers(7), numbers(1, 7)]) {
    assert.equal(numbers(7, 1).filter(number => other.includes(number)).length, 0);
  }
});

test('draws have the mean and the variance of their distributions', () => {
  const random = new Random(3);
  const cases = [
    { draw: () => random.next(), mean: 1 / 2, variance: 1 / 12 },
    { draw: () => random.exponential(), mean: 1, variance: 1 },
    { draw: () => random.normal(), mean: 0, variance: 1 },
  ];
  for (const { draw, mean, variance } of cases) {
    const draws = Array.from({ length: DRAWS }, draw);
    const average = draws.reduce((sum, value) => sum + value, 0) / DRAWS;
    const spread = draws.reduce((sum, value) => sum + (value - average) ** 2, 0) / DRAWS;
    assert.ok(Math.abs(average - mean) < 4 * Math.sqrt(variance / DRAWS), `mean ${average}`);
    assert.ok(Math.abs(spread / variance - 1) < 0.03, `variance ${spread}`);
  }
});

test('names make seeds that differ', () => {
  const names = ['sync-2x1-2', 'sync-2x1-3', 'threads-1x8-8', 'hybrid-2x1-40', 'hybrid-2x1-41'];
  assert.equal(new Set(names.map(seedOf)).size, names.length);
});
