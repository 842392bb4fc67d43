import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestParameters, RouteName } from './contract.ts';
import { type Work, workOfRequest } from './work.ts';

const nothing: Work = { computing: 0, waiting: 0, waits: 0, reads: 0 };
const cases: [route: RouteName, parameters: RequestParameters, work: Partial<Work>][] = [
  ['plain', {}, {}],
  ['cpu', { units: 100 }, { computing: 0.005 }],
  ['cpu', { cpuSeconds: 0.02 }, { computing: 0.02 }],
  ['wait', { ms: 20 }, { waiting: 0.02, waits: 1 }],
  ['wait', { ms: 0 }, { waits: 1 }],
  ['item', { id: 42 }, { reads: 1 }],
  ['items', {}, { reads: 1 }],
  ['orders', {}, { reads: 5 }],
  ['work', {}, {}],
  ['work', { units: 40, reads: 2 }, { computing: 0.002, reads: 2 }],
  ['work', { cpuSeconds: 0.002, ms: 10, reads: 2 }, { computing: 0.002, waiting: 0.01, waits: 1, reads: 2 }],
];
for (const [route, parameters, work] of cases) {
  test(`${route} with ${JSON.stringify(parameters)} asks for ${JSON.stringify(work)}`, () => {
    assert.deepEqual(workOfRequest({ route, parameters }), { ...nothing, ...work });
  });
}

test('a unit takes as long as it does on the machine, what is asked for in seconds does not', () => {
  assert.equal(workOfRequest({ route: 'cpu', parameters: { units: 100 } }, 80e-6).computing, 0.008);
  assert.equal(workOfRequest({ route: 'cpu', parameters: { cpuSeconds: 0.005 } }, 80e-6).computing, 0.005);
});
