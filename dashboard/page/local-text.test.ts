import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listed } from './local-text.ts';

test('names are listed as a sentence lists them', () => {
  assert.equal(listed(['sync']), 'sync');
  assert.equal(listed(['sync', 'async', 'hybrid']), 'sync, async and hybrid');
});
