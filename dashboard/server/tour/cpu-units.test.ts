import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unitsFor } from './cpu-units.ts';
import type { Burst, Loads } from './loads.ts';
import { reading } from './testdata/readings.ts';

/** Bursts alone, whose requests took so long each. */
function burstsOf(responseTimes: readonly number[]) {
  const sent: Burst[] = [];
  const burst = async (one: Burst) => {
    sent.push(one);
    return reading({ responseTimes });
  };
  return { loads: { burst } as unknown as Loads, sent };
}

test('units are scaled by the fastest of one request for each worker', async () => {
  const { loads, sent } = burstsOf([0.042, 0.09]);
  assert.equal(await unitsFor(0.005, loads, 'sync', 2), 71);
  assert.deepEqual(sent, [{ topology: 'sync', workload: { route: 'cpu', parameters: { units: 600 } }, requests: 2 }]);
});

test('there is at least one unit, and never more than the service takes', async () => {
  assert.equal(await unitsFor(0.005, burstsOf([1e-6]).loads, 'sync', 1), 40_000);
  assert.equal(await unitsFor(0.005, burstsOf([100]).loads, 'sync', 1), 1);
});
