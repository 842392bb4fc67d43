import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../services/deployment.ts';
import type { Experiment, WorkloadRequest } from '../experiment/experiment.ts';
import { asksForCpuTime, withCpuUnits } from './cpu-units.ts';

function asking(...requests: WorkloadRequest[]): Experiment {
  return {
    name: 'quick',
    seed: 7,
    cpus: 2,
    objective: { quantile: 0.99, responseTime: 0.25, errorFraction: 0.001 },
    cells: [{ deployment: deploymentOf('async', 2), workload: { name: 'mine', requests } }],
    budget: 60,
  };
}

test('CPU time that is asked for becomes units at what a unit takes here', () => {
  const experiment = asking({ weight: 1, route: 'work', parameters: { cpuSeconds: 0.005, ms: 10 } });
  assert.equal(asksForCpuTime(experiment), true);
  const [cell] = withCpuUnits(experiment, 0.00004).cells;
  assert.deepEqual(cell?.workload.requests, [{ weight: 1, route: 'work', parameters: { ms: 10, units: 125 } }]);
});

test('requests that name their units, or need none, stay as they are', () => {
  const experiment = asking(
    { weight: 1, route: 'cpu', parameters: { units: 3 } },
    { weight: 2, route: 'wait', parameters: { ms: 20 } },
  );
  assert.equal(asksForCpuTime(experiment), false);
  assert.deepEqual(withCpuUnits(experiment, 0.00004), experiment);
});

const units = (cpuSeconds: number) =>
  withCpuUnits(asking({ weight: 1, route: 'cpu', parameters: { cpuSeconds } }), 0.00005).cells[0]?.workload.requests[0]
    ?.parameters.units;

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
