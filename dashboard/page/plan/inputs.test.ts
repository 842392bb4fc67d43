import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedInputs, numberLimits, numberNames, usualInputs } from './inputs.ts';
import { fittedToTwo } from './testdata/fitted.ts';

test('the first question is that of the measured machine, with a load that it has seen', () => {
  assert.deepEqual(usualInputs(fittedToTwo), {
    workload: 'wait',
    arrivalRate: 400,
    objectiveMs: 250,
    growth: 1,
    headroomPercent: 0,
    cpus: 2,
    databaseWait: 1,
    generator: 'here',
    extrapolate: false,
  });
});

test('what is asked takes the place of the usual, to the step in which it is entered', () => {
  const asked = allowedInputs({ arrivalRate: 1200.4, growth: 1.3000000000000003, memoryMB: 4000 }, fittedToTwo);
  assert.deepEqual(asked, { ...usualInputs(fittedToTwo), arrivalRate: 1200, growth: 1.3, memoryMB: 4000 });
});

test('what lies outside of its limits becomes the nearest that is allowed', () => {
  for (const name of numberNames) {
    const { minimum, maximum } = numberLimits[name];
    assert.equal(allowedInputs({ [name]: -1e9 }, fittedToTwo)[name], minimum, name);
    assert.equal(allowedInputs({ [name]: 1e9 }, fittedToTwo)[name], maximum, name);
  }
});

test('a workload that the run does not have becomes its first', () => {
  assert.equal(allowedInputs({ workload: 'plain' }, fittedToTwo).workload, 'plain');
  assert.equal(allowedInputs({ workload: 'other' }, fittedToTwo).workload, 'wait');
});

test('a limit that is lifted is there no more', () => {
  const limited = allowedInputs({ databaseConnections: 100 }, fittedToTwo);
  assert.equal(limited.databaseConnections, 100);
  assert.equal(
    allowedInputs({ ...limited, databaseConnections: undefined }, fittedToTwo).databaseConnections,
    undefined,
  );
});
