import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import type { Workload } from '../../model/experiment.ts';
import {
  type CpuDemand,
  mapWorkers,
  measuredService,
  type ServiceModel,
  workerDemandOf,
} from '../simulation/service-model.ts';
import { fitService } from './fit-service.ts';
import { cpu, mix, wait } from './testdata/fitted.ts';
import { simulatedTrials } from './testdata/simulated-trials.ts';
import { observeTrials, type TrialObservation } from './trial-observation.ts';
import { workerDemandAt } from './worker-demand.ts';

const CPUS = 2;
const item: Workload = { name: 'item', requests: [{ weight: 1, route: 'item', parameters: { id: 7 } }] };
const times = (factor: number, { light, least, half }: CpuDemand): CpuDemand => ({
  ...{ light: factor * light, least: factor * least, half: half / factor },
});

/** Another machine than the one that is believed before anything is seen. */
const other: ServiceModel = {
  ...measuredService,
  nginx: times(1.8, measuredService.nginx),
  postgres: times(0.6, measuredService.postgres),
  k6: times(1.5, measuredService.k6),
  workers: mapWorkers(measuredService, ({ request, statement }, app) => {
    const factor = app === 'fastify' ? 1.5 : 1.6;
    return { request: times(factor, request), statement: times(factor, statement) };
  }),
  databaseWait: { least: 0.001, most: 0.003, distribution: 'as-asked' },
  cpuWork: 1.12,
  readStatement: 0.6,
};

const open = (...rates: number[]) => rates.map(arrivalRate => ({ model: 'open', arrivalRate }) as const);

function observed(service: ServiceModel): TrialObservation[] {
  const results = simulatedTrials(service, CPUS, [
    [deploymentOf('sync', CPUS), wait, open(20, 40, 70, 85)],
    [deploymentOf('sync', CPUS), cpu, open(20, 100, 200)],
    [deploymentOf('threads', CPUS), wait, open(20, 150, 300)],
    [deploymentOf('hybrid', CPUS), wait, open(20, 200, 600, 900)],
    [deploymentOf('hybrid', CPUS), cpu, open(20, 100, 200)],
    [deploymentOf('hybrid', CPUS), item, open(20, 300, 900)],
    [deploymentOf('hybrid', CPUS), mix, open(200, 500)],
  ]);
  return observeTrials(results, measuredService);
}

const observations = observed(other);
const { service: fitted } = fitService(observations, CPUS, 'a simulated machine');

test('a service is found again in its trials: what requests cost, at every load that was measured, within a tenth', () => {
  for (const observation of observations) {
    const { app } = observation.cell.deployment.spec;
    const [found, true_] = [fitted, other].map(service =>
      workerDemandAt(workerDemandOf(service, app), observation, service),
    );
    assert.ok(
      Math.abs((found ?? 0) / (true_ ?? 1) - 1) < 0.1,
      `${observation.cell.workload.name}: ${found} for ${true_}`,
    );
  }
});

test('what no demand by itself shows is found as well: CPU work, reads, and what waits take beyond what was asked', () => {
  assert.ok(Math.abs((fitted.cpuWork ?? 1) / 1.12 - 1) < 0.04, `${fitted.cpuWork}`);
  assert.ok(Math.abs((fitted.readStatement ?? 1) - 0.6) < 0.12, `${fitted.readStatement}`);
  const { least, most } = fitted.databaseWait;
  assert.ok(Math.abs((least + most) / 2 - 0.002) < 0.0003, `${least} to ${most}`);
});

test('memory is what processes, threads and loops were seen to take', () => {
  const { memory } = fitted;
  for (const part of ['nginx', 'blockingProcess', 'blockingThread', 'eventLoopProcess', 'k6'] as const) {
    assert.ok(Math.abs(memory[part] / measuredService.memory[part] - 1) < 0.02, `${part}: ${memory[part]}`);
  }
});

test('of what was not measured what is known of another machine stays', () => {
  const blocking = observations.filter(({ cell }) => cell.deployment.topology === 'sync');
  const { workers, readStatement } = fitService(blocking, CPUS, 'blocking workers alone').service;
  assert.deepEqual(workers.fastify, measuredService.workers.fastify);
  assert.equal(readStatement, 1);
});
