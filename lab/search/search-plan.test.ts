import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import type { WorkloadRequest } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { type Topology, topologyOf } from '../../model/topology.ts';
import { listWarnings } from '../explain/warnings.ts';
import { findWarmUp, withFoundWarmUp } from './search-plan.ts';
import { experimentWith, trialAt, waitOn } from './testdata/cells.ts';
import { simulate } from './testdata/simulated-service.ts';
import { lightLoad, planSearch } from './trial-plan.ts';

const waits: WorkloadRequest = { weight: 1, route: 'wait', parameters: { ms: 2000 } };
const computes: WorkloadRequest = { weight: 1, route: 'cpu', parameters: { cpuSeconds: 0.5 } };
const four: Topology = { ...topologyOf('sync'), concurrencyLimit: 4 };

const light: readonly (readonly [what: string, topology: Topology, request: WorkloadRequest, load: number])[] = [
  ['waits of 2 s in 2 slots', topologyOf('sync'), waits, 0.2],
  ['waits of 2 s in 8 slots of 2 processes', four, waits, 0.8],
  ['waits of 2 s in loops without slots', topologyOf('hybrid'), waits, 20],
  ['CPU work of 0.5 s in 8 slots on 2 CPUs', four, computes, 0.8],
  ['CPU work of 0.5 s in 2 loops', topologyOf('hybrid'), computes, 0.8],
];
for (const [what, topology, request, load] of light) {
  test(`the light load for ${what} is ${load}/s`, () => {
    const cell = { deployment: deploymentOf(topology, 2), workload: { name: 'asked', requests: [request] } };
    assert.ok(Math.abs(lightLoad(cell) - load) < 1e-9, `${lightLoad(cell)}`);
  });
}

test('the steady state is 10 s, 20 times the objective or 1,000 arrivals, whichever is longest', () => {
  const steady = (rate: number) => trialAt(rate, waitOn('sync')).phases.steadyState;
  assert.deepEqual([steady(1000), steady(40)], [10, 25]);
});

const cell = waitOn('sync');
const experiment = experimentWith([cell]);
const planned = planSearch(cell, { purpose: 'capacity', arrivalRate: 60, describes: false }, experiment);
const carried = 40;

/** Trials at a load, each of which became steady at that moment; `undefined`: no moment was looked for. */
function trialsAt(arrivalRate: number, moments: readonly (number | null | undefined)[]): TrialResult[] {
  const service = { serviceTime: 0.021, cpuPerRequest: 0.0001, cpus: 1000 };
  return moments.map((steadyFrom, index) => {
    const result = simulate(trialAt(arrivalRate, cell, { seed: index + 1 }), service, experiment);
    return { ...result, measurement: { ...result.measurement, ...(steadyFrom !== undefined && { steadyFrom }) } };
  });
}

const warmUps: [what: string, results: TrialResult[], warmUp: number][] = [
  ['two trials are too few to be believed', trialsAt(carried, [6, 6]), 2],
  ['three that were steady late make the next warm-up longer', trialsAt(carried, [6, 5, 7]), 6],
  ['one in three is chance', trialsAt(carried, [0.2, 0.1, 7]), 2],
  ['half of four is chance too', trialsAt(carried, [0, 1, null, null]), 2],
  ['a warm-up becomes five times as long at most', trialsAt(carried, [null, null, 7]), 10],
  ['overloads are never steady, and not asked', trialsAt(200, [null, null, null, null]), 2],
];
for (const [what, results, warmUp] of warmUps) {
  test(what, () => {
    const phases = { ...planned.phases, warmUp };
    assert.deepEqual(withFoundWarmUp(planned, results, experiment), { ...planned, phases });
  });
}

test('a light look and a burst keep their warm-up, and trials without a look at it find none', () => {
  const results = trialsAt(carried, [6, 6, 6]);
  const burst = { ...planned, load: { model: 'burst', requests: 9 } } as const;
  for (const kept of [planSearch(cell, { purpose: 'light' }, experiment), burst]) {
    assert.equal(withFoundWarmUp(kept, results, experiment), kept);
  }
  assert.equal(findWarmUp(cell, trialsAt(carried, [undefined, undefined, undefined]), experiment), undefined);
});

test('a warning tells of a warm-up that was planned too short, and how long it should be', () => {
  const messages = (moments: (number | null)[]) =>
    listWarnings(experiment, trialsAt(carried, moments)).flatMap(({ kind, message }) =>
      kind === 'warm-up-short' ? [message] : [],
    );
  assert.deepEqual(messages([0, 1, 1.9]), []);
  assert.match(messages([6, 5, 7]).join(), /wait on sync-2x1-2 .*6 s.*warmUp: 6s/);
  assert.match(messages([null, null, null]).join(), /warmUp: 10s/);
});
