import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf } from './c9-one-holds-up-the-others.ts';
import { reading, valuesOf } from './testdata/readings.ts';

const TOPOLOGIES = ['sync', 'async', 'hybrid'] as const;
type Name = (typeof TOPOLOGIES)[number];

/** A hundred light responses of 2 ms, but for so many of so many seconds. */
const light = (slow: number, seconds: number) => [...Array(100 - slow).fill(0.002), ...Array(slow).fill(seconds)];
const alone = TOPOLOGIES.map(topology => reading({ topology, responseTimes: light(2, 0.004) }));

/** Beside a request of 1.5 s; so many light ones of each topology took 1.2 s. */
const beside = (slow: Record<Name, number>) =>
  outcomeOf(
    alone,
    TOPOLOGIES.map(topology => reading({ topology, responseTimes: [...light(slow[topology], 1.2), 1.5] })),
  );

test('light requests that wait on the one loop alone are what the claim says', () => {
  const outcome = beside({ sync: 0, async: 60, hybrid: 1 });
  assert.equal(outcome.answer, 1);
  assert.equal(
    outcome.sentence,
    'Beside a request that took 1.5 s, so many light ones took longer than 250 ms: on sync 0 % (p99 2 ms, alone 4 ms), ' +
      'on async 60 % (p99 1.2 s, alone 4 ms), on hybrid 1 % (p99 2 ms, alone 4 ms).',
  );
  assert.deepEqual(valuesOf(outcome), {
    'light requests held up/sync': 0,
    'light requests held up/async': 0.6,
    'light requests held up/hybrid': 0.01,
    'p99 alone/sync': 0.004,
    'p99 alone/async': 0.004,
    'p99 alone/hybrid': 0.004,
    'p99 beside the one that computes/sync': 0.002,
    'p99 beside the one that computes/async': 1.2,
    'p99 beside the one that computes/hybrid': 0.002,
    'longest beside it/sync': 0.002,
    'longest beside it/async': 1.2,
    'longest beside it/hybrid': 1.2,
  });
});

test('light requests that nobody holds up bear out the first guess, and the claim is not shown', () => {
  const outcome = beside({ sync: 0, async: 1, hybrid: 1 });
  assert.equal(outcome.answer, 0);
  assert.match(outcome.sentence, /That one holds up the others of its loop is not shown here\.$/);
});

test('light requests that wait everywhere bear out the third guess, those that wait in the pool alone the last', () => {
  assert.equal(beside({ sync: 40, async: 60, hybrid: 30 }).answer, 2);
  assert.equal(beside({ sync: 40, async: 0, hybrid: 0 }).answer, 3);
});
