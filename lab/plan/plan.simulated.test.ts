import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import { topologyOf } from '../../model/topology.ts';
import { requireMeasured } from '../report/plan/refusals.ts';
import { CapacityModel } from './capacity-model.ts';
import { planFor } from './plan.ts';
import type { Question } from './question.ts';
import { measuredMachine } from './question.ts';
import { cpu, knownModel, objective, wait } from './testdata/fitted.ts';

const fitted = knownModel();
const asked: Question = {
  ...{ arrivalRate: 500, growth: 1, headroom: 0, objective, workload: wait, machine: measuredMachine(2) },
};
const plan = (question: Partial<Question>, decide: 'formulas' | 'simulation' = 'formulas') =>
  planFor(fitted, { ...asked, ...question }, { decide });

test('what is recommended meets the objective, and one size smaller does not', () => {
  const { recommendations } = plan({ topologies: ['sync', 'async'] }, 'simulation');
  const model = new CapacityModel(fitted, asked.machine);
  assert.equal(recommendations.length, 2);
  for (const { deployment, prediction, capacity, margin } of recommendations) {
    assert.ok(prediction.met && capacity.estimate >= 0.98 * 500, deployment.topology);
    assert.ok(Math.abs(margin - (capacity.estimate / 500 - 1)) < 1e-9);
    const fewer = (numbers: object) => model.capacityOf({ ...deployment, ...numbers }, wait).estimate;
    if (deployment.topology === 'sync') {
      assert.ok(fewer({ processes: deployment.processes - 1, databaseConnections: deployment.processes - 1 }) < 505);
    }
    if (deployment.topology === 'async') {
      assert.ok(fewer({ databaseConnections: deployment.databaseConnections - 1 }) < 505);
    }
  }
});

test('the best is what takes least memory, then fewest connections; with prices what costs least', () => {
  const { recommendations } = plan({});
  for (const [index, { memory }] of recommendations.entries()) {
    assert.ok(memory >= (recommendations[index - 1]?.memory ?? 0));
  }
  const dear = plan({ prices: { machine: 0, gigabyte: 0, databaseConnection: 1 } }).recommendations;
  assert.ok(dear.every(({ cost, databaseConnections }) => cost === databaseConnections));
  assert.ok((dear[0]?.databaseConnections ?? 99) <= Math.min(...recommendations.map(one => one.databaseConnections)));
});

test('growth and headroom ask for more capacity: 500/s that double, with 20 % left free, are 1250/s', () => {
  const { required, recommendations } = plan({ growth: 2, headroom: 0.2 });
  assert.equal(required, 1250);
  for (const { capacity, machines, prediction } of recommendations) {
    assert.ok(capacity.estimate * machines >= 1250 * 0.999);
    assert.equal(prediction.throughput, 1000 / machines);
  }
});

test('more than one machine carries takes several, each with its share, in front of one Postgres', () => {
  const { recommendations, database } = plan({ arrivalRate: 20_000 });
  const [best] = recommendations;
  assert.ok(best !== undefined && best.machines > 1);
  assert.ok(best.capacity.estimate * best.machines >= 20_000);
  assert.equal(best.databaseConnections, best.machines * best.deployment.databaseConnections);
  assert.ok(database.byCpu > 20_000 && database.byConnections === Number.POSITIVE_INFINITY);
});

test('where the one Postgres is the limit no number of machines helps', () => {
  const machine = { ...asked.machine, databaseConnections: 20 };
  const { recommendations, database, rejected } = plan({ arrivalRate: 5000, machine });
  assert.deepEqual(recommendations, []);
  assert.ok(database.byConnections > 850 && database.byConnections < 1000, `${database.byConnections}`);
  assert.equal(rejected.length, fitted.topologies.length);
});

test('memory that a machine does not have rejects what needs it, with both figures', () => {
  const machine = { ...asked.machine, memory: 500e6 };
  const { rejected } = plan({ machine, arrivalRate: 400 });
  const sync = rejected.find(({ topology }) => topology === 'sync');
  assert.equal(sync?.kind, 'no-memory');
  assert.ok((sync.needs?.processes ?? 0) > 8);
});

test('a topology whose app was not measured is rejected, and one that cannot carry the load says what gives out', () => {
  const narrow = { ...fitted, measured: { ...fitted.measured, apps: ['blocking-express', 'fastify'] as const } };
  const { rejected } = planFor(narrow, { ...asked, workload: cpu, arrivalRate: 250 }, { decide: 'formulas' });
  const rejection = (topology: string) => rejected.find(one => one.topology === topology);
  assert.equal(rejection('async-express')?.kind, 'not-measured');
  const { kind, capacity = 0 } = rejection('async') ?? {};
  assert.ok(kind === 'too-small' && capacity > 100 && capacity < 200, `${kind} ${capacity}`);
});

const four = { ...topologyOf('sync'), name: 'four', concurrencyLimit: 4 };
const withFour = { ...fitted, topologies: [...fitted.topologies, four] };
const isNotSimulated = (error: unknown) =>
  error instanceof LoadlineError && error.code === 'topology-not-simulated' && error.message.includes('four');

test('a topology with workers that the simulation does not know is rejected, and refused where it alone is asked for', () => {
  const { recommendations, rejected } = planFor(withFour, asked, { decide: 'formulas' });
  assert.ok(!recommendations.some(({ deployment }) => deployment.topology === 'four'));
  assert.equal(rejected.find(({ topology }) => topology === 'four')?.kind, 'not-simulated');
  requireMeasured(withFour, asked);
  assert.throws(() => requireMeasured(withFour, { ...asked, topologies: ['four'] }), isNotSimulated);
  const load = { model: 'open', arrivalRate: 50 } as const;
  assert.throws(
    () => new CapacityModel(withFour, asked.machine).predict(deploymentOf(four, 2), wait, load),
    isNotSimulated,
  );
});
