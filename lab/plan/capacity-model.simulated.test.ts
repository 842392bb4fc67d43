import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Deployment, deploymentOf } from '../../model/deployment.ts';
import type { Workload } from '../../model/experiment.ts';
import { seededRandom } from '../search/seeded.ts';
import { waitingAlone } from '../simulation/service-model.ts';
import { CapacityModel } from './capacity-model.ts';
import { measuredMachine } from './question.ts';
import { cpu, knownModel, mix, objective, wait } from './testdata/fitted.ts';

const model = new CapacityModel(knownModel(), measuredMachine(2));
const sync = deploymentOf('sync', 2);
const open = (arrivalRate: number) => ({ model: 'open', arrivalRate }) as const;

test('19 blocking workers with 20 ms of database wait give 100 users less than 950/s', () => {
  const service = { ...knownModel().service, databaseWait: { least: 0, most: 0, distribution: 'as-asked' } as const };
  const machine = { ...measuredMachine(16), databaseConnections: 100, generator: 'elsewhere' } as const;
  const published = new CapacityModel(knownModel(service, 16), machine);
  const workers = deploymentOf('sync', 16, { processes: 19 });
  const users = { model: 'closed', users: 100, thinkTime: 0 } as const;
  const { throughput } = published.simulate(workers, wait, users);
  for (const found of [throughput, published.estimateThroughput(workers, wait, users)]) {
    assert.ok(found < 950 && found > 850, `${found}/s`);
  }
});

test('more arrivals than can be served are unstable, with what gives out and where', () => {
  const cases: [Deployment, Workload, number, string][] = [
    [sync, wait, 300, 'workers'],
    [deploymentOf('hybrid', 2, { databaseConnections: 4 }), wait, 600, 'database-connections'],
    [deploymentOf('async', 2), cpu, 400, 'workers'],
    [deploymentOf('sync', 2, { processes: 400 }), wait, 9000, 'cpu'],
  ];
  for (const [deployment, workload, arrivalRate, bottleneck] of cases) {
    for (const answer of [
      model.estimate(deployment, workload, open(arrivalRate)),
      model.predict(deployment, workload, open(arrivalRate)),
    ]) {
      assert.ok(answer.state === 'unstable', `${deployment.topology} at ${arrivalRate}/s`);
      assert.equal(answer.bottleneck, bottleneck, `${deployment.topology} at ${arrivalRate}/s`);
      assert.ok(answer.capacity < arrivalRate);
    }
  }
});

test('waits alone give the loads that are known: 85.7, 371.5 and 1901/s when each request holds its place for 21 ms', () => {
  const waits = { name: 'wait', requests: [{ weight: 1, route: 'wait', parameters: { ms: 21 } }] } as const;
  const alone = new CapacityModel(knownModel(waitingAlone), measuredMachine(2));
  const known: [Deployment, number][] = [
    [sync, 85.7],
    [deploymentOf('threads', 2), 371.5],
    [deploymentOf('async', 2), 1901],
  ];
  for (const [deployment, capacity] of known) {
    const { estimate } = alone.capacityOf(deployment, waits, { requests: 100_000 });
    assert.ok(Math.abs(estimate / capacity - 1) < 0.02, `${estimate} for ${capacity}`);
    assert.ok(Math.abs(alone.estimatedCapacity(deployment, waits) / capacity - 1) < 0.04);
  }
});

/** Deployments of every kind on machines of 1 to 8 CPUs, with one of three workloads. */
function* anyCells(): Generator<{ deployment: Deployment; workload: Workload; of: CapacityModel }> {
  const random = seededRandom(7);
  const draw = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  for (let index = 0; index < 12; index++) {
    const cpus = draw(1, 8);
    const deployment = [
      deploymentOf('sync', cpus, { processes: draw(1, 12) }),
      deploymentOf('threads', cpus, { threadsPerProcess: draw(1, 24) }),
      deploymentOf('async', cpus, { databaseConnections: draw(1, 60) }),
      deploymentOf('hybrid', cpus, { processes: draw(1, cpus), databaseConnections: draw(8, 80) }),
    ][draw(0, 3)] as Deployment;
    const workload = [wait, cpu, mix][draw(0, 2)] as Workload;
    yield { deployment, workload, of: new CapacityModel(knownModel(undefined, cpus), measuredMachine(cpus)) };
  }
}

test('formulas and simulation agree: means within a fifth at half the capacity, capacities within a quarter, most within a tenth', () => {
  const apart: number[] = [];
  for (const { deployment, workload, of } of anyCells()) {
    const capacity = of.capacityOf(deployment, workload, { requests: 15_000, precision: 0.01 }).estimate;
    apart.push(Math.abs(Math.log(of.estimatedCapacity(deployment, workload) / capacity)));
    const half = open(capacity / 2);
    const [estimate, prediction] = [of.estimate(deployment, workload, half), of.predict(deployment, workload, half)];
    assert.ok(estimate.state === 'stable' && prediction.state === 'stable');
    const means = estimate.responseTime.mean / prediction.responseTime.mean;
    assert.ok(Math.abs(means - 1) < 0.2, `${JSON.stringify(deployment)} on ${workload.name}: means ${means}`);
    for (const resource of ['cpu', 'workers', 'database-connections'] as const) {
      assert.ok(Math.abs(estimate.utilisation[resource] - prediction.utilisation[resource]) < 0.1, resource);
    }
  }
  const sorted = apart.sort((a, b) => a - b);
  assert.ok((sorted.at(-1) ?? 1) < Math.log(1.25), `${sorted.at(-1)}`);
  assert.ok((sorted[Math.floor(sorted.length / 2)] ?? 1) < Math.log(1.1), `${sorted}`);
});

test('users get through what mean value analysis says, within a tenth', () => {
  for (const [deployment, users, thinkTime] of [
    [sync, 10, 0.1],
    [sync, 40, 0.2],
    [deploymentOf('threads', 2), 20, 0.1],
    [deploymentOf('hybrid', 2), 100, 0.2],
    [deploymentOf('hybrid', 2, { databaseConnections: 8 }), 60, 0.05],
  ] as const) {
    const load = { model: 'closed', users, thinkTime } as const;
    const ratio = model.estimateThroughput(deployment, wait, load) / model.simulate(deployment, wait, load).throughput;
    assert.ok(Math.abs(ratio - 1) < 0.1, `${deployment.topology} with ${users} users: ${ratio}`);
  }
});

test('more workers, more connections and a longer objective never carry less', () => {
  const random = seededRandom(3);
  for (let index = 0; index < 40; index++) {
    const size = 1 + Math.floor(random() * 30);
    const capacity = (processes: number) => model.estimatedCapacity(deploymentOf('sync', 2, { processes }), wait);
    assert.ok(capacity(size + 1) >= 0.999 * capacity(size), `${size}`);
    const connected = (databaseConnections: number) =>
      model.estimatedCapacity(deploymentOf('hybrid', 2, { databaseConnections }), wait);
    assert.ok(connected(2 * size + 2) >= 0.999 * connected(2 * size), `${size}`);
    const patient = new CapacityModel(knownModel(), measuredMachine(2), {
      ...objective,
      responseTime: objective.responseTime * (1 + random()),
    });
    assert.ok(patient.estimatedCapacity(sync, wait) >= capacity(2));
  }
});

test('an objective that no request can meet is met at no load', () => {
  const hasty = new CapacityModel(knownModel(), measuredMachine(2), { ...objective, responseTime: 0.01 });
  assert.deepEqual(hasty.capacityOf(sync, wait), { estimate: 0, low: 0, high: 0, bottleneck: 'workers' });
});

test('a capacity has an interval on both sides, at least as wide as the noise of the machine', () => {
  // One loop that computes: formulas put its saturation below what is simulated.
  for (const [deployment, workload] of [
    [deploymentOf('async', 2), cpu],
    [sync, wait],
  ] as const) {
    const { estimate, low, high } = model.capacityOf(deployment, workload, { requests: 10_000, precision: 0.02 });
    const noise = Math.exp(1.96 * 0.03) - 1e-9;
    assert.ok(high / estimate >= noise && estimate / low >= noise, `${estimate} in ${low} to ${high}`);
  }
});
