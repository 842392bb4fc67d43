import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import {
  growthAt,
  mapWorkers,
  measuredService,
  type ServiceModel,
  workerDemandOf,
} from '../simulation/service-model.ts';
import { growthsOf, withGrowths } from './fit-growth.ts';
import { fitService } from './fit-service.ts';
import { wait } from './testdata/fitted.ts';
import { simulatedTrials } from './testdata/simulated-trials.ts';
import { observeTrials } from './trial-observation.ts';
import { workerDemandAt } from './worker-demand.ts';

const CPUS = 16;

function observed(service: ServiceModel, sizes: readonly number[]) {
  const results = simulatedTrials(
    service,
    CPUS,
    sizes.map(processes => [
      deploymentOf('sync', CPUS, { processes }),
      wait,
      [0.4, 0.7].map(part => ({ model: 'open', arrivalRate: part * 45 * processes }) as const),
    ]),
  );
  return observeTrials(results, measuredService);
}

const growth = { contention: 0.05, coherency: 0.002 };
const growing = {
  ...measuredService,
  workers: mapWorkers(measuredService, (worker, app) => (app === 'blocking-express' ? { ...worker, growth } : worker)),
};
const sizes = [1, 2, 4, 8, 12, 16];

test('demand that grows with the workers is found to, and by how much', () => {
  const observations = observed(growing, sizes);
  const [found] = growthsOf(observations, measuredService);
  assert.ok(found?.state === 'grows');
  for (const workers of sizes) {
    const [fitted, true_] = [growthAt(found.growth, workers) * found.ofOne, growthAt(growth, workers)];
    assert.ok(Math.abs(fitted / true_ - 1) < 0.08, `${workers} workers: ${fitted} for ${true_}`);
  }
  const { service } = fitService(observations, CPUS, 'growing');
  assert.ok(growthAt(workerDemandOf(service, 'blocking-express').growth, 16) > 1.3);
});

test('demand that does not grow is found not to, and the most that it could is told', () => {
  const [found] = growthsOf(observed(measuredService, sizes), measuredService);
  assert.ok(found?.state === 'does not grow');
  assert.deepEqual(found.growth, { contention: 0, coherency: 0 });
  assert.ok(found.atMost.contention < 0.03 && found.atMost.coherency < 0.003, JSON.stringify(found.atMost));
});

test('three sizes say nothing about growth, and leave the service as it is', () => {
  const growths = growthsOf(observed(growing, [1, 2, 4]), measuredService);
  assert.deepEqual(growths, [{ app: 'blocking-express', state: 'unknown', sizes: 3 }]);
  assert.deepEqual(withGrowths(measuredService, growths), measuredService);
});

test('a service that grows, fitted again from near itself, costs the same with any number of workers', () => {
  const observations = observed(growing, sizes);
  const { service, growths } = fitService(observations, CPUS, 'growing');
  const again = fitService(observations, CPUS, 'again', { believed: measuredService, near: service, growths }).service;
  for (const observation of observations) {
    const [first, second] = [service, again].map(one =>
      workerDemandAt(workerDemandOf(one, 'blocking-express'), observation, one),
    );
    assert.ok(
      Math.abs((second ?? 0) / (first ?? 1) - 1) < 0.03,
      `${observation.workers} workers: ${second} for ${first}`,
    );
  }
});
