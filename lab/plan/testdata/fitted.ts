import type { Workload } from '../../../model/experiment.ts';
import { topologies } from '../../../model/topology.ts';
import { measuredService, type ServiceModel } from '../../simulation/service-model.ts';
import type { FittedModel } from '../fitted-model.ts';

export const objective = { quantile: 0.99, responseTime: 0.25, errorFraction: 0.001 };

export const wait: Workload = { name: 'wait', requests: [{ weight: 1, route: 'wait', parameters: { ms: 20 } }] };
export const cpu: Workload = {
  name: 'cpu',
  requests: [{ weight: 1, route: 'cpu', parameters: { cpuSeconds: 0.005 } }],
};
export const mix: Workload = {
  name: 'mix',
  requests: [
    { weight: 9, route: 'wait', parameters: { ms: 20 } },
    { weight: 1, route: 'cpu', parameters: { cpuSeconds: 0.005 } },
  ],
};

/** A model whose service is known, as if it had been fitted without any doubt to a run on so many CPUs. */
export function knownModel(service: ServiceModel = measuredService, cpus = 2): FittedModel {
  const all = { least: 0, most: 1000 };
  const each = { 'blocking-express': all, fastify: all, express: all };
  return {
    ...{
      schema: 2,
      run: 'known',
      runtime: 'simulated',
      topologies,
      cpus,
      objective,
      service,
      replicates: [],
      noise: 0.03,
    },
    workloads: [wait, cpu, mix],
    measured: {
      ...{ trials: 1, cells: ['wait on sync-2x1-2'], apps: Object.keys(each), routes: ['wait', 'cpu'], assumed: [] },
      ...{ workers: each, perWorker: each, throughput: all, wait: all, cpuWork: all, connections: all },
    },
  };
}
