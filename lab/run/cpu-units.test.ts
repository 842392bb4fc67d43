import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import type { Cell, WorkloadRequest } from '../../model/experiment.ts';
import { cellInUnits } from './reference-service.ts';

function asking(...requests: WorkloadRequest[]): Cell {
  return { deployment: deploymentOf('async', 2), workload: { name: 'mine', requests } };
}

test('CPU time that is asked for becomes units at what a unit takes here', () => {
  const cell = cellInUnits(0.00004)(asking({ weight: 1, route: 'work', parameters: { cpuSeconds: 0.005, ms: 10 } }));
  assert.deepEqual(cell.workload.requests, [{ weight: 1, route: 'work', parameters: { ms: 10, units: 125 } }]);
});

test('requests that name their units, or need none, stay as they are', () => {
  const cell = asking(
    { weight: 1, route: 'cpu', parameters: { units: 3 } },
    { weight: 2, route: 'wait', parameters: { ms: 20 } },
  );
  assert.deepEqual(cellInUnits(0.00004)(cell), cell);
});

test('where nobody knows what a unit takes, CPU time stays as it is', () => {
  const cell = asking({ weight: 1, route: 'cpu', parameters: { cpuSeconds: 0.005 } });
  assert.deepEqual(cellInUnits(undefined)(cell), cell);
});

const units = (cpuSeconds: number) =>
  cellInUnits(0.00005)(asking({ weight: 1, route: 'cpu', parameters: { cpuSeconds } })).workload.requests[0]?.parameters
    .units;

test('no CPU time stays none, and a little is one unit at least', () => {
  assert.equal(units(0), 0);
  assert.equal(units(0.000001), 1);
});

test('more CPU time than the contract allows is refused with the limit', () => {
  assert.equal(units(2), 40_000);
  assert.throws(() => units(2.5), {
    code: 'experiment-invalid',
    message: /asks for 2\.5 s of CPU, which is 50000 units on this machine; 40000 are allowed, which is 2 s/,
  });
});
