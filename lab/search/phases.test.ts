import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import type { WorkloadRequest } from '../../model/experiment.ts';
import { type Topology, topologyOf } from '../../model/topology.ts';
import { lightLoad } from './phases.ts';

const waits: WorkloadRequest = { weight: 1, route: 'wait', parameters: { ms: 2000 } };
const computes: WorkloadRequest = { weight: 1, route: 'cpu', parameters: { cpuSeconds: 0.5 } };
const four: Topology = { ...topologyOf('sync'), concurrencyLimit: 4 };

const cases: readonly (readonly [what: string, topology: Topology, request: WorkloadRequest, load: number])[] = [
  ['waits of 2 s in 2 slots', topologyOf('sync'), waits, 0.2],
  ['waits of 2 s in 8 slots of 2 processes', four, waits, 0.8],
  ['waits of 2 s in loops without slots', topologyOf('hybrid'), waits, 20],
  ['CPU work of 0.5 s in 8 slots on 2 CPUs', four, computes, 0.8],
  ['CPU work of 0.5 s in 2 loops', topologyOf('hybrid'), computes, 0.8],
];

for (const [what, topology, request, load] of cases) {
  test(`the light load for ${what} is ${load}/s`, () => {
    const cell = { deployment: deploymentOf(topology, 2), workload: { name: 'asked', requests: [request] } };
    assert.ok(Math.abs(lightLoad(cell) - load) < 1e-9, `${lightLoad(cell)}`);
  });
}
