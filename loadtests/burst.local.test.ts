import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wavesOf } from './lib/summary.ts';
import { outcomeOf, startServer } from './testdata/run.ts';

test('a burst of five on a server of four slots is answered in a wave of four and a wave of one', async () => {
  await using server = await startServer({ delayMs: 200, slots: 4 });
  const { responses = [], scored } = await outcomeOf('burst.ts', { TARGET: server.url, BURST: 5 });
  assert.equal(scored, 5);
  assert.deepEqual(responses.map(({ request }) => request).toSorted(), [1, 2, 3, 4, 5]);
  assert.deepEqual(
    wavesOf(responses).map(wave => wave.length),
    [4, 1],
  );
  const last = responses.at(-1)?.responseTime ?? 0;
  assert.ok(last > 0.4 && last < 0.5, `the last response came after ${last} s`);
});
