import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf } from './c3-the-same-when-computing.ts';
import { around, valuesOf } from './testdata/readings.ts';

test('throughputs within a tenth, with their whole interval, are about the same', () => {
  const outcome = outcomeOf({ sync: around(380), hybrid: around(372) });
  assert.equal(outcome.answer, 2);
  assert.equal(
    outcome.sentence,
    'The pool answered 380/s and the loops 372/s: 0.979 [0.968, 0.99] times as much, which is about the same.',
  );
  assert.deepEqual(valuesOf(outcome), { 'throughput/sync': 380, 'throughput/hybrid': 372, 'hybrid ÷ sync': 0.979 });
  const pool = outcome.figures[0];
  assert.ok(
    Math.abs((pool?.low ?? 0) - 376.42) < 0.01 && Math.abs((pool?.high ?? 0) - 383.58) < 0.01,
    `${pool?.low} ${pool?.high}`,
  );
});

test('loops that answer half as much again bear out the second guess, a pool that does the first', () => {
  const more = outcomeOf({ sync: around(380), hybrid: around(570) });
  assert.equal(more.answer, 1);
  assert.match(more.sentence, /1\.5 \[1\.48, 1\.52\] times as much, which is not the same\.$/);
  assert.equal(outcomeOf({ sync: around(570), hybrid: around(380) }).answer, 0);
});

test('on a machine that is too noisy nothing is shown, and it is undecided', () => {
  const outcome = outcomeOf({ sync: around(380, 0.2), hybrid: around(372, 0.2) });
  assert.equal(outcome.answer, -2);
  assert.match(outcome.sentence, /0\.979 \[0\.777, 1\.23\] times as much\. That they are the same is not shown here/);
});
