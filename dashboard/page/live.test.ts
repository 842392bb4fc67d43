import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { client, drivenByOther, drives, state as present, tag } from './live.ts';
import { hello, state } from './testdata/state.ts';

afterEach(() => {
  client.value = '';
  tag.value = '';
  present.value = undefined;
});

test('a page knows by its tag whether it drives, and not by its id', () => {
  client.value = hello.client;
  tag.value = hello.tag;
  const seen = [undefined, hello.tag, 'tag-of-another', hello.client].map(driver => {
    present.value = driver === undefined ? state : { ...state, driver };
    return [drives.value, drivenByOther.value];
  });
  assert.deepEqual(seen, [
    [false, false],
    [true, false],
    [false, true],
    [false, true],
  ]);
});
