import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { topologyNames, topologyOf } from '../../../model/topology.ts';
import {
  allowedInputs,
  changedInputs,
  inputsFor,
  numberNames,
  type PlanInputs,
  planQuery,
  readPlanQuery,
  usualInputs,
} from './inputs.ts';
import { fittedToTwo } from './testdata/fitted.ts';

const RUN = '2026-11-27T090515-quick';
const usual = usualInputs(fittedToTwo);

test('the first question is that of the measured machine, with a load that was measured', () => {
  assert.equal(
    planQuery(RUN, usual),
    `?plan=${RUN}&workload=wait&arrivalRate=400&quantilePercent=99&objectiveMs=250&growth=1&headroomPercent=0&cpus=2&databaseWait=1`,
  );
});

const { objective, measured } = fittedToTwo;
const runs: [name: string, run: Partial<typeof fittedToTwo>, expected: Partial<PlanInputs>][] = [
  [
    'many CPUs and requests',
    { cpus: 128, measured: { ...measured, throughput: { least: 8, most: 8e5 } } },
    { cpus: 128, arrivalRate: 200_000 },
  ],
  ['a short objective', { objective: { ...objective, responseTime: 0.0004 } }, { objectiveMs: 0.4 }],
  [
    'an objective with a fraction',
    { objective: { ...objective, quantile: 0.999, responseTime: 0.0025 } },
    { quantilePercent: 99.9, objectiveMs: 2.5 },
  ],
  ['a long objective', { objective: { ...objective, responseTime: 120 } }, { objectiveMs: 120_000 }],
];
for (const [name, run, expected] of runs) {
  test(`the own values of a run are allowed: ${name}`, () => {
    const inputs = usualInputs({ ...fittedToTwo, ...run });
    assert.deepEqual(inputs, { ...usual, ...expected });
  });
}

const own = { ...fittedToTwo, topologies: [topologyOf('sync'), { ...topologyOf('hybrid'), name: 'own' }] };
const asked: [name: string, asked: Partial<PlanInputs>, allowed: Partial<PlanInputs>, run?: typeof fittedToTwo][] = [
  ['numbers in their steps', { arrivalRate: 1200.4, growth: 1.3000000000000003 }, { arrivalRate: 1200, growth: 1.3 }],
  ['a workload of the run', { workload: 'plain' }, { workload: 'plain' }],
  ['a workload that the run does not have', { workload: 'other' }, {}],
  ['a limit', { databaseConnections: 100 }, { databaseConnections: 100 }],
  ['topologies in their order', { topologies: ['hybrid', 'sync'] }, { topologies: ['sync', 'hybrid'] }],
  ['no topology', { topologies: [] }, {}],
  ['all topologies', { topologies: topologyNames }, {}],
  ['topologies of the run', { topologies: ['own', 'hybrid'] }, { topologies: ['own'] }, own],
];
for (const [name, some, allowed, run = fittedToTwo] of asked) {
  test(`what may be asked: ${name}`, () => {
    const inputs = allowedInputs(some, run);
    assert.deepEqual(inputs, { ...usual, ...allowed });
    assert.deepEqual(changedInputs(inputs, run), allowed);
  });
}

test('a number outside its limits becomes the nearest that is allowed', () => {
  for (const name of numberNames) {
    const { minimum, maximum } = inputsFor(fittedToTwo)[name];
    const nearest = [-1e9, 1e9].map(value => allowedInputs({ [name]: value }, fittedToTwo)[name]);
    assert.deepEqual(nearest, [minimum, maximum], name);
  }
});

test('every question comes back from its address', () => {
  const numbers = numberNames.map(name => {
    const { minimum, maximum, step } = inputsFor(fittedToTwo)[name];
    const steps = fc.integer({ min: Math.round(minimum / step), max: Math.round(maximum / step) });
    return [name, steps.map(count => Number((count * step).toFixed(3)))];
  });
  const questions = fc.record(
    {
      ...Object.fromEntries(numbers),
      workload: fc.constantFrom('wait', 'plain'),
      generator: fc.constantFrom('here', 'elsewhere'),
      topologies: fc.subarray([...topologyNames]),
      extrapolate: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const check = (question: Partial<PlanInputs>) => {
    const inputs = allowedInputs(question, fittedToTwo);
    const found = readPlanQuery(planQuery('a&b=c d', inputs));
    assert.equal(found.run, 'a&b=c d');
    assert.deepEqual(allowedInputs(found.asked, fittedToTwo), inputs);
  };
  fc.assert(fc.property(questions as fc.Arbitrary<Partial<PlanInputs>>, check), { seed: 7, numRuns: 200 });
});

test('an address that is not understood is left out', () => {
  const query = '?plan=&arrivalRate=1e3&cpus=many&growth=&generator=there&extrapolate=perhaps&headroomPercent=20';
  assert.deepEqual(readPlanQuery(query), { asked: { headroomPercent: 20 } });
});
