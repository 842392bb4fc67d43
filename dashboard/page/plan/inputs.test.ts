import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TopologyName, topologyNames, topologyOf } from '../../../model/topology.ts';
import { allowedInputs, changedInputs, usualInputs } from './inputs.ts';
import { limitsOf, numberNames } from './number-limits.ts';
import { fittedToTwo } from './testdata/fitted.ts';

test('the first question is that of the measured machine, with a load that it has seen', () => {
  assert.deepEqual(usualInputs(fittedToTwo), {
    workload: 'wait',
    arrivalRate: 400,
    quantilePercent: 99,
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
    const { minimum, maximum } = limitsOf(fittedToTwo)[name];
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

const ownObjectives: readonly (readonly [seconds: number, milliseconds: number])[] = [
  [0.25, 250],
  [0.0025, 2.5],
  [0.0004, 0.4],
  [120, 120_000],
];
for (const [responseTime, objectiveMs] of ownObjectives) {
  test(`a run's own objective of ${responseTime} s is asked as it is`, () => {
    const objective = { ...fittedToTwo.objective, quantile: 0.999, responseTime };
    const asked = usualInputs({ ...fittedToTwo, objective });
    assert.deepEqual([asked.quantilePercent, asked.objectiveMs], [99.9, objectiveMs]);
  });
}

test('a run on more CPUs, with a higher throughput, than others have is asked as it was', () => {
  const large = {
    ...fittedToTwo,
    cpus: 128,
    measured: { ...fittedToTwo.measured, throughput: { least: 8, most: 8e5 } },
  };
  assert.deepEqual([usualInputs(large).cpus, usualInputs(large).arrivalRate], [128, 200_000]);
  assert.equal(allowedInputs({ cpus: 128 }, fittedToTwo).cpus, 64);
});

test('only what is not as the page would ask it first counts as changed', () => {
  assert.deepEqual(changedInputs(usualInputs(fittedToTwo), fittedToTwo), {});
  const changes = { arrivalRate: 500, generator: 'elsewhere', topologies: ['sync'], memoryMB: 4000 } as const;
  assert.deepEqual(changedInputs(allowedInputs(changes, fittedToTwo), fittedToTwo), changes);
});

test('topologies stand in their order, and none or all of them are no choice', () => {
  const of = (topologies?: readonly TopologyName[]) => allowedInputs({ topologies }, fittedToTwo).topologies;
  assert.deepEqual(of(['hybrid', 'sync']), ['sync', 'hybrid']);
  for (const none of [undefined, [], ['pool'], topologyNames]) assert.equal(of(none), undefined);
});

test('the topologies to choose from are those of the run', () => {
  const own = { ...topologyOf('hybrid'), name: 'own' };
  const model = { ...fittedToTwo, topologies: [topologyOf('sync'), own] };
  assert.deepEqual(allowedInputs({ topologies: ['own', 'hybrid'] }, model).topologies, ['own']);
});
