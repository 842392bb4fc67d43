import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import type { Workload } from '../../model/experiment.ts';
import {
  type CpuDemand,
  growthAt,
  mapDemands,
  mapWorkers,
  measuredService,
  type ServiceModel,
} from '../simulation/service-model.ts';
import { fitService } from './fit.ts';
import { fitGrowths } from './fit-growth.ts';
import { observeTrials, type TrialObservation, workerDemandIn } from './observations.ts';
import { cpu, mix, wait } from './testdata/fitted.ts';
import { simulatedTrials } from './testdata/simulated-trials.ts';

const CPUS = 2;
const item: Workload = { name: 'item', requests: [{ weight: 1, route: 'item', parameters: { id: 7 } }] };
const factors = { nginx: 1.8, postgres: 0.6, k6: 1.5, workers: 1.55 };

/** Another machine than the one that is believed before anything is seen. */
const other: ServiceModel = {
  ...mapDemands(
    measuredService,
    ({ light, least, half }, component): CpuDemand => ({
      light: factors[component] * light,
      least: factors[component] * least,
      half: half / factors[component],
    }),
  ),
  databaseWait: { least: 0.001, most: 0.003, distribution: 'as-asked' },
  cpuWork: 1.12,
  readStatement: 0.6,
};

const open = (...rates: number[]) => rates.map(arrivalRate => ({ model: 'open', arrivalRate }) as const);
const observations = observeTrials(
  simulatedTrials(other, CPUS, [
    [deploymentOf('sync', CPUS), wait, open(20, 40, 70, 85)],
    [deploymentOf('sync', CPUS), cpu, open(20, 100, 200)],
    [deploymentOf('threads', CPUS), wait, open(20, 150, 300)],
    [deploymentOf('hybrid', CPUS), wait, open(20, 200, 600, 900)],
    [deploymentOf('hybrid', CPUS), cpu, open(20, 100, 200)],
    [deploymentOf('hybrid', CPUS), item, open(20, 300, 900)],
    [deploymentOf('hybrid', CPUS), mix, open(200, 500)],
  ]),
  measuredService,
);
const fitted = fitService(observations, CPUS, 'another machine').service;

test('the demand of workers is found to within a tenth in every trial', () => {
  for (const observation of observations) {
    const ratio = workerDemandIn(observation, fitted) / workerDemandIn(observation, other);
    assert.ok(Math.abs(ratio - 1) < 0.1, `${observation.app} with ${observation.cell.workload.name}: ${ratio}`);
  }
});

test('CPU work, reads, what waits take beyond what was asked, and memory are found', () => {
  assert.ok(Math.abs((fitted.cpuWork ?? 1) / 1.12 - 1) < 0.04, `${fitted.cpuWork}`);
  assert.ok(Math.abs((fitted.readStatement ?? 1) - 0.6) < 0.12, `${fitted.readStatement}`);
  const { least, most } = fitted.databaseWait;
  assert.ok(Math.abs((least + most) / 2 - 0.002) < 0.0003, `${least} to ${most}`);
  for (const part of ['nginx', 'blockingProcess', 'blockingThread', 'eventLoopProcess', 'k6'] as const) {
    const ratio = fitted.memory[part] / measuredService.memory[part];
    assert.ok(Math.abs(ratio - 1) < 0.02, `${part}: ${ratio}`);
  }
});

test('what was not measured is taken from another machine', () => {
  const blocking = observations.filter(({ cell }) => cell.deployment.topology === 'sync');
  const { workers, readStatement } = fitService(blocking, CPUS, 'blocking workers alone').service;
  assert.deepEqual(workers.fastify, measuredService.workers.fastify);
  assert.equal(readStatement, 1);
});

const growth = { contention: 0.05, coherency: 0.002 };
const growing = {
  ...measuredService,
  workers: mapWorkers(measuredService, (worker, app) => (app === 'blocking-express' ? { ...worker, growth } : worker)),
};
const sizes = [1, 2, 4, 8, 12, 16];

/** Trials of so many workers on 16 CPUs. */
function observeSizes(service: ServiceModel, numbers: readonly number[]): TrialObservation[] {
  const trials = numbers.map(processes => {
    const loads = open(0.4 * 45 * processes, 0.7 * 45 * processes);
    return [deploymentOf('sync', 16, { processes }), wait, loads] as const;
  });
  return observeTrials(simulatedTrials(service, 16, trials), measuredService);
}

test('demand that grows with the workers is found to, by how much, and again when the fit is repeated near itself', () => {
  const observed = observeSizes(growing, sizes);
  const [found] = fitGrowths(observed, measuredService);
  assert.equal(found?.app, 'blocking-express');
  for (const workers of sizes) {
    const ratio = (growthAt(found.growth, workers) * found.ofOne) / growthAt(growth, workers);
    assert.ok(Math.abs(ratio - 1) < 0.08, `${workers} workers: ${ratio}`);
  }
  const { service, growths } = fitService(observed, 16, 'growing');
  assert.ok(growthAt(service.workers['blocking-express']?.growth, 16) > 1.3);
  const again = fitService(observed, 16, 'again', { believed: measuredService, near: service, growths }).service;
  for (const observation of observed) {
    const ratio = workerDemandIn(observation, again) / workerDemandIn(observation, service);
    assert.ok(Math.abs(ratio - 1) < 0.03, `${observation.workers} workers: ${ratio}`);
  }
});

test('demand that does not grow, or was seen with three sizes, is not said to grow', () => {
  assert.deepEqual(fitGrowths(observeSizes(measuredService, sizes), measuredService), []);
  assert.deepEqual(fitGrowths(observeSizes(growing, [1, 2, 4]), measuredService), []);
});
