import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TopologyName } from '../../../model/topology.ts';
import { outcomeOf } from './c7-memory-stops-workers.ts';
import { around, reading, valuesOf } from './testdata/readings.ts';

const workers: Partial<Record<TopologyName, number>> = { sync: 2, threads: 8, 'sync-threads': 16, hybrid: 2 };
const SIZES = { workers: (topology: TopologyName) => workers[topology] ?? 0, connections: 16 };

/** What the sixteen workers served, with how much memory, beside loops that served 312/s with 130 MB. */
const measured = (throughput: number, memory: number, spread = 0.01) =>
  outcomeOf(
    [
      reading({ topology: 'sync', throughputs: around(39), memory: 80e6 }),
      reading({ topology: 'threads', throughputs: around(156), memory: 180e6 }),
      reading({ topology: 'sync-threads', throughputs: around(throughput, spread), memory }),
      reading({ topology: 'hybrid', throughputs: around(312, spread), memory: 130e6 }),
    ],
    SIZES,
  );

test('workers that match the loops with three times the memory are what the claim says', () => {
  const outcome = measured(310, 390e6);
  assert.equal(outcome.answer, 2);
  assert.equal(
    outcome.sentence,
    '16 blocking workers served 310/s with 390 MB, the loops with 16 connections 312/s with 130 MB. They match the ' +
      'loops, for 3 times the memory: that is what stops them.',
  );
  assert.deepEqual(valuesOf(outcome), {
    'throughput/sync': 39,
    'throughput/threads': 156,
    'throughput/sync-threads': 310,
    'throughput/hybrid': 312,
    'memory/sync': 80e6,
    'memory/threads': 180e6,
    'memory/sync-threads': 390e6,
    'memory/hybrid': 130e6,
    'memory for each request at once/sync': 40e6,
    'memory for each request at once/threads': 22.5e6,
    'memory for each request at once/sync-threads': 24.4e6,
    'memory for each request at once/hybrid': 8.13e6,
  });
});

test('workers that serve half as much bear out the first guess: it is not memory that stops them', () => {
  const outcome = measured(156, 390e6);
  assert.equal(outcome.answer, 0);
  assert.match(outcome.sentence, /They do not match the loops here: it is not memory that stops them\.$/);
});

test('workers that match the loops with no more memory bear out the second guess', () => {
  const outcome = measured(310, 120e6);
  assert.equal(outcome.answer, 1);
  assert.match(outcome.sentence, /They match the loops here, and take no more memory\.$/);
});

test('workers that serve more bear out the last guess', () => {
  assert.equal(measured(400, 390e6).answer, 3);
});

test('on a machine that is too noisy nothing is shown, and it is undecided', () => {
  const outcome = measured(300, 390e6, 0.2);
  assert.equal(outcome.answer, -2);
  assert.match(outcome.sentence, /Whether that is as much is not shown here\.$/);
});
