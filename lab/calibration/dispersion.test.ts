import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../search/seeded.ts';
import { countsIn, dispersionOf } from './dispersion.ts';

test('the index is the variance of the counts over their mean', () => {
  // Mean 5, squares 9 + 1 + 1 + 9 = 20, over three degrees of freedom.
  assert.ok(Math.abs(dispersionOf([2, 4, 6, 8]).index - 20 / 5 / 3) < 1e-12);
});

test('the 0.95-quantile of chi-square with 10 degrees of freedom, 18.307, has a p of 0.1 on both sides', () => {
  // Eleven counts around 100 whose squares add up to 18.307 × 100.
  const away = Math.sqrt((18.307 * 100) / 10);
  const counts = [100, ...Array.from({ length: 10 }, (_, index) => 100 + (index % 2 === 0 ? away : -away))];
  assert.ok(Math.abs(dispersionOf(counts).p - 0.1) < 1e-4, `${dispersionOf(counts).p}`);
});

test('evenly spaced arrivals and bursts are told from a Poisson process, and it is told from neither', () => {
  assert.ok(dispersionOf(Array.from({ length: 50 }, () => 20)).p < 1e-6);
  assert.ok(dispersionOf(Array.from({ length: 50 }, (_, index) => (index % 5 === 0 ? 100 : 0))).p < 1e-6);
  const random = seededRandom(3);
  const times: number[] = [];
  for (let time = 0; time < 10; time += -Math.log(1 - random()) / 200) times.push(time);
  const { index, p } = dispersionOf(countsIn(times, 0, 10, 0.1));
  assert.ok(p > 0.01 && Math.abs(index - 1) < 0.4, `${index} ${p}`);
});

test('times are counted in the interval that they lie in, and only whole intervals are', () => {
  assert.deepEqual(countsIn([0.9, 1, 1.4, 1.5, 2.4, 2.6], 1, 2.7, 0.5), [2, 1, 1]);
});
