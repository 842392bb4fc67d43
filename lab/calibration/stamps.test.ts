import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastOf } from './stamps.ts';

test('the last to come are found, whatever the order of their answers', () => {
  const stamps = { received: [3, 1, 2, 4], delay: [0.3, 0.1, 0.2, 0.4] };
  assert.deepEqual(lastOf(stamps, 2), { received: [3, 4], delay: [0.3, 0.4] });
  assert.deepEqual(lastOf(stamps, 9).received, [1, 2, 3, 4]);
});
