import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf } from './c9-one-holds-up-the-others.ts';
import { reading, valuesOf } from './testdata/readings.ts';

const TOPOLOGIES = ['sync', 'async', 'hybrid'] as const;
type Name = (typeof TOPOLOGIES)[number];

/** A hundred light responses of 2 ms, but for so many of so many seconds, and what else there was. */
const light = (slow: number, seconds: number) => [...Array(100 - slow).fill(0.002), ...Array(slow).fill(seconds)];
const alone = TOPOLOGIES.map(topology => reading({ topology, responseTimes: light(2, 0.004) }));

/** Beside a request of 1.5 s; the slowest light ones of each topology take so many seconds. */
const beside = (slowest: Record<Name, number>) =>
  outcomeOf(
    alone,
    TOPOLOGIES.map(topology => reading({ topology, responseTimes: [...light(30, slowest[topology]), 1.5] })),
  );

test('light requests that wait on the one loop alone are what the claim says', () => {
  const outcome = beside({ sync: 0.005, async: 1.4, hybrid: 0.006 });
  assert.equal(outcome.answer, 1);
  assert.equal(
    outcome.sentence,
    'Beside a request that took 1.5 s, the longest of the light ones took on sync 5 ms (alone 4 ms), on async 1.4 s ' +
      '(alone 4 ms), on hybrid 6 ms (alone 4 ms).',
  );
  assert.deepEqual(valuesOf(outcome), {
    'p99 alone/sync': 0.004,
    'p99 alone/async': 0.004,
    'p99 alone/hybrid': 0.004,
    'p99 beside the one that computes/sync': 0.005,
    'p99 beside the one that computes/async': 1.4,
    'p99 beside the one that computes/hybrid': 0.006,
    'longest alone/sync': 0.004,
    'longest alone/async': 0.004,
    'longest alone/hybrid': 0.004,
    'longest beside the one that computes/sync': 0.005,
    'longest beside the one that computes/async': 1.4,
    'longest beside the one that computes/hybrid': 0.006,
  });
});

test('light requests that nobody holds up bear out the first guess, and the claim is not shown', () => {
  const outcome = beside({ sync: 0.005, async: 0.006, hybrid: 0.006 });
  assert.equal(outcome.answer, 0);
  assert.match(outcome.sentence, /That the one loop holds up the others is not shown here\.$/);
});

test('light requests that wait everywhere bear out the third guess, those that wait in the pool alone the last', () => {
  assert.equal(beside({ sync: 1.2, async: 1.4, hybrid: 1.3 }).answer, 2);
  assert.equal(beside({ sync: 1.2, async: 0.004, hybrid: 0.004 }).answer, 3);
});
