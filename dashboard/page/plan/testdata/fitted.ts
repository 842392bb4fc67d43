import type { FittedModel } from '../../../../lab/plan/fitted-model.ts';
import { measuredService } from '../../../../lab/simulation/service-model.ts';
import { topologies } from '../../../../model/topology.ts';

/** As if fitted to two deployments on two CPUs that behave as `measuredService` says; its replicates differ by 4 %. */
export const fittedToTwo: FittedModel = {
  schema: 2,
  topologies,
  run: 'quick',
  runtime: 'local',
  cpus: 2,
  objective: { quantile: 0.99, responseTime: 0.25, errorFraction: 0.001 },
  workloads: [
    { name: 'wait', requests: [{ weight: 1, route: 'wait', parameters: { ms: 20 } }] },
    { name: 'plain', requests: [{ weight: 1, route: 'plain', parameters: {} }] },
  ],
  service: measuredService,
  replicates: [0.96, 1, 1.04].map(speed => ({
    ...measuredService,
    databaseWait: {
      ...measuredService.databaseWait,
      least: measuredService.databaseWait.least * speed,
      most: measuredService.databaseWait.most * speed,
    },
  })),
  noise: 0.03,
  measured: {
    trials: 24,
    cells: ['wait on sync-2x1-2', 'wait on hybrid-2x1-40'],
    routes: ['wait'],
    apps: ['blocking-express', 'fastify'],
    workers: { 'blocking-express': { least: 2, most: 2 }, fastify: { least: 2, most: 2 } },
    perWorker: { 'blocking-express': { least: 4, most: 45 }, fastify: { least: 10, most: 700 } },
    throughput: { least: 8, most: 1400 },
    wait: { least: 0.02, most: 0.02 },
    cpuWork: { least: 0, most: 0 },
    connections: { least: 2, most: 40 },
    assumed: ['memory of a request in progress'],
  },
};
