import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuWork } from './cpu-work.ts';

const values: [units: number, value: number][] = [
  [0, 2_654_435_769],
  [1, 4_270_525_578],
  [2, 271_254_756],
  [100, 3_248_809_867],
];

for (const [units, value] of values) {
  test(`${units} units of CPU work have their known value`, () => {
    assert.equal(cpuWork(units), value);
  });
}
