import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { topologyNames } from '../../../model/topology.ts';
import { asksForPlan } from '../view-state.ts';
import { allowedInputs, type PlanInputs, usualInputs } from './inputs.ts';
import { limitsOf, numberNames } from './number-limits.ts';
import { planIn, planQueryOf } from './plan-address.ts';
import { fittedToTwo } from './testdata/fitted.ts';

const run = '2026-11-27T090515-quick';

test('a question is written so that a person can read it', () => {
  const inputs: PlanInputs = {
    ...usualInputs(fittedToTwo),
    arrivalRate: 1200,
    growth: 1.5,
    databaseConnections: 100,
    generator: 'elsewhere',
    topologies: ['sync', 'hybrid'],
    extrapolate: true,
  };
  assert.equal(
    planQueryOf(run, inputs),
    '?plan=2026-11-27T090515-quick&workload=wait&arrivalRate=1200&quantilePercent=99&objectiveMs=250&growth=1.5&headroomPercent=0&cpus=2' +
      '&databaseConnections=100&databaseWait=1&generator=elsewhere&topologies=sync,hybrid&extrapolate=yes',
  );
});

test('whatever is asked comes back from the address in which it stands', () => {
  const numbers = Object.fromEntries(
    numberNames.map(name => {
      const { minimum, maximum, step } = limitsOf(fittedToTwo)[name];
      const steps = fc.integer({ min: Math.round(minimum / step), max: Math.round(maximum / step) });
      return [name, steps.map(count => Number((count * step).toFixed(3)))];
    }),
  );
  const asked = fc.record(
    {
      ...numbers,
      workload: fc.constantFrom('wait', 'plain'),
      generator: fc.constantFrom('here', 'elsewhere'),
      topologies: fc.subarray([...topologyNames]),
      extrapolate: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(asked, some => {
      const inputs = allowedInputs(some as Partial<PlanInputs>, fittedToTwo);
      const found = planIn(planQueryOf(run, inputs));
      assert.equal(found.run, run);
      assert.deepEqual(allowedInputs(found.asked, fittedToTwo), inputs);
    }),
    { seed: 7, numRuns: 200 },
  );
});

test('what is not understood is left out', () => {
  assert.deepEqual(
    planIn('?plan=&arrivalRate=1e3&cpus=many&growth=&generator=there&extrapolate=perhaps&headroomPercent=20'),
    {
      asked: { headroomPercent: 20 },
    },
  );
});

test('a name with unusual letters comes back as it was', () => {
  const odd = 'a&b=c d';
  const found = planIn(planQueryOf(odd, { ...usualInputs(fittedToTwo), workload: odd }));
  assert.deepEqual([found.run, found.asked.workload], [odd, odd]);
});

for (const [query, expected] of [
  ['?plan', true],
  ['?plan=quick&cpus=8', true],
  ['?topologies=sync&arrivalRate=60', false],
  ['', false],
] as const) {
  test(`${query || 'an empty query'} ${expected ? 'asks' : 'does not ask'} for the page of plans`, () => {
    assert.equal(asksForPlan(query), expected);
  });
}
