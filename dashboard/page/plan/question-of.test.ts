import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedInputs, usualInputs } from './inputs.ts';
import { questionOf } from './question-of.ts';
import { fittedToTwo } from './testdata/fitted.ts';

test('a question is in seconds, per second, bytes and fractions', () => {
  const inputs = allowedInputs(
    {
      workload: 'plain',
      arrivalRate: 1200,
      quantilePercent: 97.5,
      objectiveMs: 300,
      growth: 2,
      headroomPercent: 30,
      cpus: 8,
      databaseConnections: 100,
      memoryMB: 4000,
      databaseWait: 2,
      generator: 'elsewhere',
      topologies: ['hybrid', 'sync'],
    },
    fittedToTwo,
  );
  assert.deepEqual(questionOf(inputs, fittedToTwo), {
    arrivalRate: 1200,
    growth: 2,
    headroom: 0.3,
    objective: { quantile: 0.975, responseTime: 0.3, errorFraction: 0.001 },
    workload: { name: 'plain', requests: [{ weight: 1, route: 'plain', parameters: {} }] },
    machine: {
      cpus: 8,
      generator: 'elsewhere',
      database: 'here',
      databaseWait: 2,
      serviceDemand: 1,
      databaseConnections: 100,
      memory: 4e9,
    },
    topologies: ['sync', 'hybrid'],
  });
});

test('what is not limited has no limit', () => {
  const { machine, topologies } = questionOf(usualInputs(fittedToTwo), fittedToTwo);
  assert.deepEqual(Object.keys(machine), ['cpus', 'generator', 'database', 'databaseWait', 'serviceDemand']);
  assert.equal(topologies, undefined);
});

test('a workload that the run does not have is refused by name', () => {
  assert.throws(
    () => questionOf({ ...usualInputs(fittedToTwo), workload: 'other' }, fittedToTwo),
    /RangeError.* other/,
  );
});
