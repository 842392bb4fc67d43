import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untilDone } from './until-done.ts';

test('what fails is tried again, with pauses that become longer and not endless, until it succeeds', async () => {
  const pauses: number[] = [];
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    if (attempts < 8) throw new Error('Postgres is not there');
  };
  await untilDone(attempt, new AbortController().signal, async ms => void pauses.push(ms));
  assert.deepEqual(pauses, [100, 200, 400, 800, 1600, 2000, 2000]);
});

test('who is told to stop tries no more, and does not wait for the next attempt', async () => {
  const end = new AbortController();
  let attempts = 0;
  const tried = untilDone(async () => {
    attempts += 1;
    throw new Error('Postgres is not there');
  }, end.signal);
  end.abort();
  await assert.rejects(tried, { name: 'AbortError' });
  assert.equal(attempts, 1);
});
