import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import { topologies } from '../../model/topology.ts';
import { waitingAlone } from '../simulation/service-model.ts';
import { measuredMachine, type Question } from './question.ts';
import { type AskedSweep, canBeSwept, type Sweep, sweep } from './sweep.ts';
import { knownModel, objective, wait } from './testdata/fitted.ts';
import { applyChange, suppose, type WhatIfChange } from './what-if.ts';

// Requests do nothing but wait for 20 ms: a worker or connection carries just below 50/s.
const fitted = knownModel(waitingAlone);
const question: Question = {
  ...{ arrivalRate: 700, growth: 1, headroom: 0, objective, workload: wait },
  machine: { ...measuredMachine(2), databaseConnections: 100 },
};
const kept = { deployment: deploymentOf('sync', 2, { processes: 20 }), machines: 1 };

test('each change alters one quantity, to a value or by a factor', () => {
  const cases: [WhatIfChange, (of: Question) => number | undefined, number][] = [
    [{ quantity: 'arrival-rate', times: 2 }, of => of.arrivalRate, 1400],
    [{ quantity: 'growth', value: 3 }, of => of.growth, 3],
    [{ quantity: 'cpus', value: 16 }, of => of.machine.cpus, 16],
    [{ quantity: 'database-connections', times: 0.5 }, of => of.machine.databaseConnections, 50],
    [{ quantity: 'memory', value: 8e9 }, of => of.machine.memory, 8e9],
    [{ quantity: 'database-wait', times: 2 }, of => of.machine.databaseWait, 2],
    [{ quantity: 'service-demand', times: 1.5 }, of => of.machine.serviceDemand, 1.5],
  ];
  for (const [change, figureOf, expected] of cases) {
    const then = applyChange(question, change);
    assert.equal(figureOf(then), expected, change.quantity);
    assert.equal(cases.filter(([, of]) => of(then) !== of(question)).length, 1, change.quantity);
  }
  const refused: WhatIfChange[] = [
    { quantity: 'memory', times: 2 },
    { quantity: 'cpus', times: 1.25 },
    { quantity: 'arrival-rate', value: Number.NaN },
    { quantity: 'database-wait', times: -1 },
  ];
  for (const change of refused) assert.throws(() => applyChange(question, change), RangeError, change.quantity);
});

test('the answers are as asked, for each change, and for all of them together', () => {
  const changes: WhatIfChange[] = [
    { quantity: 'database-wait', times: 2 },
    { quantity: 'arrival-rate', times: 0.5 },
  ];
  const supposed = suppose(fitted, question, kept, { changes });
  assert.deepEqual(
    supposed.map(one => one.state === 'answered' && [one.changes.length, one.plan.required]),
    [
      [0, 700],
      [1, 700],
      [1, 350],
      [2, 350],
    ],
  );
});

test('twice the wait leaves the deployment half its capacity, and the best needs twice the connections', () => {
  const [now, then] = suppose(fitted, question, kept, { changes: [{ quantity: 'database-wait', times: 2 }] });
  assert.ok(now?.state === 'answered' && then?.state === 'answered' && now.unchanged && then.unchanged);
  const [before, after] = [now.unchanged.capacity, then.unchanged.capacity];
  assert.ok(before > 950 && before < 1000 && after > 475 && after < 500, `${before}, ${after}`);
  assert.deepEqual([now.unchanged.prediction.state, then.unchanged.prediction.state], ['stable', 'unstable']);
  assert.ok(now.unchanged.margin > 0.35 && then.unchanged.margin < -0.28);
  const [few = 0, many = 0] = [now, then].map(({ plan }) => plan.recommendations[0]?.databaseConnections);
  // At least 700/s × 20 ms = 14, and 28.
  assert.ok(few >= 15 && few <= 16 && many >= 29 && many <= 31, `${few}, ${many}`);
});

test('a recommendation without enough connections is impossible, and what lies too far is not answered', () => {
  const [, then] = suppose(fitted, question, kept, { changes: [{ quantity: 'database-connections', value: 18 }] });
  assert.ok(then?.state === 'answered' && then.unchanged === undefined && then.plan.recommendations.length > 0);
  const changes: WhatIfChange[] = [{ quantity: 'cpus', value: 16 }];
  const [, refused] = suppose(knownModel(), question, kept, { changes });
  const tooFar = { quantity: 'cpus', asked: 16, measured: { least: 2, most: 2 }, factor: 8, tooFar: true };
  assert.ok(refused?.state === 'too-far');
  assert.deepEqual(refused.extrapolations[0], tooFar);
  assert.equal(suppose(knownModel(), question, kept, { changes, extrapolate: true })[1]?.state, 'answered');
});

const sync = { deployment: deploymentOf('sync', 2, { processes: 8 }), machines: 1 };
const hybrid = { deployment: deploymentOf('hybrid', 2, { databaseConnections: 10 }), machines: 1 };
const swept = (from: typeof sync, asked: AskedSweep, of: Partial<Question> = {}) =>
  sweep(fitted, { ...question, machine: measuredMachine(2), arrivalRate: 300, ...of }, from, asked);
const predicted = ({ points }: Sweep) => points.filter(point => point.state === 'predicted');

test('more workers carry ever more, a little less than 50/s each, and are unstable below the load', () => {
  const found = swept(sync, { quantity: 'processes', values: [1, 2, 4, 7, 16] });
  let before = 0;
  for (const { value, capacity, prediction, deployment } of predicted(found)) {
    assert.deepEqual([deployment.processes, deployment.databaseConnections], [value, value]);
    const perWorker = capacity.estimate / value;
    assert.ok(perWorker < 50 && perWorker > 36 && perWorker > before, `${value}: ${perWorker}/s`);
    assert.equal(prediction.state, value * 50 > 300 ? 'stable' : 'unstable');
    assert.ok(capacity.low < capacity.estimate && capacity.estimate < capacity.high);
    before = perWorker;
  }
  // The value whose capacity is nearest to the load is simulated.
  assert.equal(found.check?.value, 7);
  assert.ok(Math.abs(found.check.simulation / found.check.formulas - 1) < 0.1);
});

test('a longer wait takes capacity in the same measure, connections give it back, and the load has no part in it', () => {
  const cases: [AskedSweep, number[]][] = [
    [{ quantity: 'database-wait', values: [1, 2, 4] }, [500, 250, 125]],
    [{ quantity: 'database-connections', values: [10, 20, 40] }, [500, 1000, 2000]],
    [{ quantity: 'arrival-rate', values: [100, 400, 600] }, [500, 500, 500]],
  ];
  for (const [asked, expected] of cases) {
    const found = predicted(swept(hybrid, asked));
    assert.equal(found.length, expected.length, asked.quantity);
    for (const [index, { capacity }] of found.entries()) {
      const ratio = capacity.estimate / (expected[index] ?? Number.NaN);
      assert.ok(ratio < 1 && ratio > 0.85, `${asked.quantity}: ${ratio}`);
    }
  }
  const [half] = predicted(swept({ ...sync, machines: 2 }, { quantity: 'arrival-rate', values: [200] }, { growth: 3 }));
  assert.equal(half?.arrivalRate, 300);
});

test('values that are impossible or too far are told apart, and each topology has its own choices', () => {
  const states = (from: typeof sync, asked: AskedSweep) => swept(from, asked).points.map(({ state }) => state);
  const async = { deployment: deploymentOf('async', 2), machines: 1 };
  assert.deepEqual(states(async, { quantity: 'processes', values: [1, 2] }), ['predicted', 'impossible']);
  const cpus = { quantity: 'cpus', values: [2, 8, 16] } as const;
  assert.deepEqual(states(sync, cpus), ['predicted', 'predicted', 'too-far']);
  assert.deepEqual(states(sync, { ...cpus, extrapolate: true }), ['predicted', 'predicted', 'predicted']);
  const able = (quantity: AskedSweep['quantity']) =>
    topologies
      .slice(0, 6)
      .filter(topology => canBeSwept(topology, quantity))
      .map(({ name }) => name);
  assert.deepEqual(able('processes'), ['sync', 'sync-threads', 'hybrid', 'async-express']);
  assert.deepEqual(able('threads'), ['threads', 'sync-threads']);
  assert.deepEqual(able('database-connections'), ['async', 'hybrid', 'async-express']);
  assert.equal(able('cpus').length, 6);
});
