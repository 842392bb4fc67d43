import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestParameters, RouteName } from '../../model/contract/contract.ts';
import { waitOn } from '../search/testdata/cells.ts';
import { cellInUnits } from './reference-service.ts';

function parametersAt(secondsPerUnit: unknown, route: RouteName, parameters: RequestParameters) {
  const cell = { ...waitOn('async'), workload: { name: 'mine', requests: [{ weight: 1, route, parameters }] } };
  return cellInUnits(secondsPerUnit)(cell).workload.requests[0]?.parameters;
}

const cases: [RouteName, asked: RequestParameters, secondsPerUnit: unknown, inUnits: RequestParameters][] = [
  ['work', { cpuSeconds: 0.005, ms: 10 }, 0.00004, { ms: 10, units: 125 }],
  ['cpu', { units: 3 }, 0.00004, { units: 3 }],
  ['wait', { ms: 20 }, 0.00004, { ms: 20 }],
  ['cpu', { cpuSeconds: 0.005 }, undefined, { cpuSeconds: 0.005 }],
  ['cpu', { cpuSeconds: 0 }, 0.00005, { units: 0 }],
  ['cpu', { cpuSeconds: 0.000001 }, 0.00005, { units: 1 }],
  ['cpu', { cpuSeconds: 2 }, 0.00005, { units: 40_000 }],
];
for (const [route, asked, secondsPerUnit, inUnits] of cases) {
  test(`${route} with ${JSON.stringify(asked)} becomes ${JSON.stringify(inUnits)} at ${secondsPerUnit} s a unit`, () => {
    assert.deepEqual(parametersAt(secondsPerUnit, route, asked), inUnits);
  });
}

test('more CPU time than the contract allows is refused with the limit', () => {
  assert.throws(() => parametersAt(0.00005, 'cpu', { cpuSeconds: 2.5 }), {
    code: 'experiment-invalid',
    message: /2\.5 s of CPU, .*50000 units.*40000 units, 2 s/,
  });
});
