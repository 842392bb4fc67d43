import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import { topologies, topologyNames } from '../../model/topology.ts';
import { waitingAlone } from '../simulation/service-model.ts';
import { measuredMachine } from './planned-machine.ts';
import type { Question } from './question.ts';
import { type AskedSweep, canBeSwept, type Sweep, sweep } from './sweep.ts';
import { knownModel, objective, wait } from './testdata/fitted.ts';

const question: Question = {
  ...{ arrivalRate: 300, growth: 1, headroom: 0, objective, workload: wait },
  machine: measuredMachine(2),
};
const sync = { deployment: deploymentOf('sync', 2, { processes: 8 }), machines: 1 };
const hybrid = { deployment: deploymentOf('hybrid', 2, { databaseConnections: 10 }), machines: 1 };
const swept = (from: typeof sync, asked: AskedSweep, of = question) => sweep(knownModel(waitingAlone), of, from, asked);
const predicted = ({ points }: Sweep) => points.filter(point => point.state === 'predicted');

test('workers that only wait for 20 ms carry a little less than 50/s each, more of them ever more, and are unstable below the load', () => {
  const found = predicted(swept(sync, { quantity: 'processes', values: [1, 2, 4, 8, 16] }));
  assert.deepEqual(
    found.map(({ deployment }) => [deployment.processes, deployment.databaseConnections]),
    [1, 2, 4, 8, 16].map(number => [number, number]),
  );
  let before = 0;
  for (const { value, capacity, prediction } of found) {
    const perWorker = capacity.estimate / value;
    assert.ok(perWorker < 50 && perWorker > 36 && perWorker > before, `${value}: ${perWorker}/s`);
    assert.equal(capacity.bottleneck, 'workers');
    assert.equal(prediction.state, value * 50 > 300 ? 'stable' : 'unstable');
    assert.ok(capacity.low < capacity.estimate && capacity.estimate < capacity.high);
    before = perWorker;
  }
});

test('a longer wait takes capacity in the same measure, and connections give it back', () => {
  const waits = predicted(swept(hybrid, { quantity: 'database-wait', values: [1, 2, 4] }));
  const connections = predicted(swept(hybrid, { quantity: 'database-connections', values: [10, 20, 40] }));
  const capacities = (points: typeof waits) => points.map(({ capacity }) => capacity.estimate);
  for (const [index, expected] of [500, 250, 125].entries()) {
    const capacity = capacities(waits)[index] ?? 0;
    assert.ok(capacity < expected && capacity > 0.85 * expected, `${capacity}`);
  }
  for (const [index, expected] of [500, 1000, 2000].entries()) {
    const capacity = capacities(connections)[index] ?? 0;
    assert.ok(capacity < expected && capacity > 0.85 * expected, `${capacity}`);
  }
});

test('a sweep of the load has one capacity, and response times that grow until there are none', () => {
  const found = predicted(swept(sync, { quantity: 'arrival-rate', values: [100, 200, 300, 350, 500] }));
  assert.equal(new Set(found.map(({ capacity }) => capacity.estimate)).size, 1);
  const times = found.map(({ prediction }) => prediction.state === 'stable' && prediction.responseTime.atObjective);
  assert.deepEqual(times.map(Boolean), [true, true, true, true, false]);
  assert.deepEqual(
    times.slice(0, 4),
    times.slice(0, 4).toSorted((a, b) => Number(a) - Number(b)),
  );
});

test('of several machines each has its share of the load, grown', () => {
  const found = predicted(
    swept({ ...sync, machines: 2 }, { quantity: 'arrival-rate', values: [200] }, { ...question, growth: 3 }),
  );
  assert.equal(found[0]?.arrivalRate, 300);
});

test('a value that the topology does not allow is told apart, with the reason', () => {
  const async = { deployment: deploymentOf('async', 2), machines: 1 };
  const { points } = swept(async, { quantity: 'processes', values: [1, 2] });
  assert.deepEqual(
    points.map(({ state }) => state),
    ['predicted', 'impossible'],
  );
  assert.ok(points[1]?.state === 'impossible' && points[1].reason === 'async is one process, not 2');
  const six = topologies.slice(0, 6);
  const able = (quantity: AskedSweep['quantity']) =>
    six.filter(topology => canBeSwept(topology, quantity)).map(({ name }) => name);
  assert.deepEqual(able('processes'), ['sync', 'sync-threads', 'hybrid', 'async-express']);
  assert.deepEqual(able('threads'), ['threads', 'sync-threads']);
  assert.deepEqual(able('database-connections'), ['async', 'hybrid', 'async-express']);
  assert.deepEqual(able('cpus'), topologyNames.slice(0, 6));
});

test('what lies too far beyond the measurements is not told unless that is asked for', () => {
  const values = [1, 2, 8, 16];
  const states = (extrapolate: boolean) =>
    swept(sync, { quantity: 'cpus', values, extrapolate }).points.map(({ state }) => state);
  assert.deepEqual(states(false), ['predicted', 'predicted', 'predicted', 'too-far']);
  assert.deepEqual(states(true), ['predicted', 'predicted', 'predicted', 'predicted']);
});

test('the value whose capacity is nearest to the load is simulated, and is within a tenth of the formulas', () => {
  const { check } = swept(sync, { quantity: 'processes', values: [2, 7, 16] });
  assert.equal(check?.value, 7);
  assert.ok(Math.abs(check.simulation / check.formulas - 1) < 0.1, `${check.simulation} and ${check.formulas}`);
});
