import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capacityAt, normalBelow, passProbability } from './queue-model.ts';

import { seededRandom } from './seeded.ts';

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected}`);
}

// Abramowitz and Stegun, table 26.1.
for (const [z, below] of [
  [0, 0.5],
  [1, 0.841_344_746],
  [-1.96, 0.024_997_895],
  [3, 0.998_650_102],
] as const) {
  test(`P(Z ≤ ${z}) is ${below}`, () => near(normalBelow(z), below, 1e-7));
}

const limit = { wait: 0.229, overFraction: 0.01 };

// "Simulated answers" of long runs: service time 21 ms, p99 ≤ 250 ms.
for (const [what, saturation, capacity] of [
  ['two blocking workers', 2 / 0.021, 85.7],
  ['eight threads', 8 / 0.021, 371.5],
  ['forty connections', 40 / 0.021, 1901],
] as const) {
  test(`the capacity of ${what} is within 1 % of what long simulations give`, () => {
    near(capacityAt({ saturation, burstiness: 1 }, limit) / capacity, 1, 0.01);
  });
}

test('for M/M/1, where it can be computed, the capacity is within 4 % of the exact one', () => {
  // P(W > w) = ρ e^(−μ (1 − ρ) w), and 2 is the burstiness of exponential gaps and service.
  const saturation = 100;
  const exact = (load: number) => (load / saturation) * Math.exp(-(saturation - load) * limit.wait);
  const capacity = capacityAt({ saturation, burstiness: 2 }, limit);
  let [low, high] = [1, 100];
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (exact(middle) > limit.overFraction) high = middle;
    else low = middle;
  }
  near(capacity / low, 1, 0.04);
});

test('two blocking workers pass a trial as often as in simulations', () => {
  // 60 simulated trials at each load: 0.85, 0.78, 0.60, 0.45, 0.27, 0.08.
  for (const [part, passed] of [
    [0.9, 0.85],
    [0.92, 0.78],
    [0.94, 0.6],
    [0.96, 0.45],
    [0.98, 0.27],
    [1, 0.08],
  ] as const) {
    const load = (part * 2) / 0.021;
    const phases = { warmUp: 2, steadyState: 1000 / load };
    near(passProbability({ saturation: 2 / 0.021, burstiness: 1 }, load, phases, limit), passed, 0.11);
  }
});

test('more load never passes more often, nor does a burstier or slower service', () => {
  const random = seededRandom(5);
  const phases = { warmUp: 2, steadyState: 10 };
  for (let round = 0; round < 300; round++) {
    const saturation = 10 * 300 ** random();
    const burstiness = 0.5 + 5 * random();
    const load = saturation * (0.5 + random());
    const pass = passProbability({ saturation, burstiness }, load, phases, limit);
    assert.ok(pass >= 0 && pass <= 1, `${pass}`);
    const others = [
      passProbability({ saturation, burstiness }, load * 1.05, phases, limit),
      passProbability({ saturation: saturation * 0.95, burstiness }, load, phases, limit),
    ];
    for (const other of others) assert.ok(other <= pass + 0.05, `${other} after ${pass}`);
    assert.ok(
      capacityAt({ saturation, burstiness: 2 * burstiness }, limit) < capacityAt({ saturation, burstiness }, limit),
    );
  }
});
