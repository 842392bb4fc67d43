import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secondsOf } from './quantities.ts';

const cases: [duration: number | string, seconds: number][] = [
  [300, 300],
  ['250ms', 0.25],
  ['90s', 90],
  ['10m', 600],
  ['1.5h', 5400],
  ['0.1s', 0.1],
];
for (const [duration, seconds] of cases) {
  test(`${duration} is ${seconds} seconds`, () => assert.equal(secondsOf(duration), seconds));
}

for (const text of ['10', '10 m', 'm', '10min', '-1s', '1m30s', '']) {
  test(`"${text}" is no duration`, () => assert.equal(secondsOf(text), Number.NaN));
}
