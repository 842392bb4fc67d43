import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasSettled } from './warm-up.ts';

const cases: [name: string, perRequest: number[], settled: boolean][] = [
  ['nothing is known before the first batch', [], false],
  ['one batch says nothing about the next', [0.002], false],
  ['a batch that took much less than the one before may be followed by a better one', [0.002, 0.001], false],
  ['a batch that took nearly as much as the one before has settled', [0.002, 0.001, 0.00095], true],
  ['a batch that took more, by noise, has settled too', [0.002, 0.0021], true],
];

for (const [name, perRequest, settled] of cases) {
  test(`warming up: ${name}`, () => assert.equal(hasSettled(perRequest), settled));
}
