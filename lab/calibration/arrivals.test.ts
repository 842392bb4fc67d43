import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../search/seeded.ts';
import { arrivalProcessOf, intendedIn, type Made } from './arrivals.ts';

const phases = { warmUp: 0.5, steadyState: 2, timeLimit: 5 };
const CLOCK = 1_000_000;

/** Three loads at 500/s whose arrivals come as `came` makes them of the intended ones. */
function loads(came: (intended: readonly number[]) => number[]): Made[] {
  return [1, 2, 3].map(seed => {
    const drive = { path: 'bare', arrivalRate: 500, phases, seed } as const;
    const received = came(intendedIn(drive)).map(time => CLOCK + time);
    return { drive, driven: { stamps: { received, delay: [] }, outcome: { sent: received.length } } };
  });
}

test('arrivals that come as they were intended, late by a millisecond at most, are a Poisson process', () => {
  const random = seededRandom(4);
  const process = arrivalProcessOf(loads(intended => intended.map(time => time + 0.001 * random())));
  assert.equal(process.sent, process.due);
  assert.equal(process.came, process.due);
  for (const { p } of [process.intendedGaps, process.intendedTimes, process.cameTimes, process.cameCounts]) {
    assert.ok(p > 0.01, `${p}`);
  }
  assert.ok(Math.abs(process.cameCounts.index - 1) < 0.4);
});

test('arrivals that are sent in bursts are told, though they were intended otherwise', () => {
  const process = arrivalProcessOf(loads(intended => intended.map(time => Math.ceil(time * 3) / 3)));
  assert.ok(process.intendedTimes.p > 0.01);
  assert.ok(process.cameCounts.p < 0.001 && process.cameCounts.index > 2);
});

test('an arrival that was lost on its way is counted', () => {
  const process = arrivalProcessOf(loads(intended => intended.slice(0, -1)));
  assert.equal(process.due - process.came, 3);
});
