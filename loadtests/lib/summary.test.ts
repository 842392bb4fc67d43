import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeWaves, splitIntoWaves } from './summary.ts';

const responses = [0.052, 0.05, 0.06, 0.11, 0.105].map((responseTime, index) => ({ request: index + 1, responseTime }));

test('a wave ends where nothing comes for more than half of the fastest response time', () => {
  assert.deepEqual(
    splitIntoWaves(responses).map(wave => wave.map(({ request }) => request)),
    [
      [2, 1, 3],
      [5, 4],
    ],
  );
  assert.deepEqual(splitIntoWaves([]), []);
});

test('the text names every response with its place in the order of coming', () => {
  assert.equal(describeWaves(responses.slice(0, 1)), '  wave 1: 1 response\n    1. request 1 after 52.0 ms');
});
