import {
  type CpuDemand,
  demandAt,
  type Requirements,
  requirementsOf,
  workerDemandOf,
} from '../../lab/simulation/service-model.ts';
import type { Resource } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import type { BottleneckCase } from './cases.ts';

/**
 * The load at which each resource is used up, from what the simulated service is made of and nothing that was
 * measured: λ D(λ) = n, with n servers and the seconds D(λ) that a request keeps one of them at that load.
 */
export function knownLimits({ cell, cpus, model }: BottleneckCase): Record<Resource, PerSecond> {
  const { deployment, workload } = cell;
  const limited = isConcurrencyLimited(deployment.spec);
  const requirements = requirementsOf(workload, model);
  const mean = (of: (requirement: Requirements) => number) => meanOf(requirements, of);
  const statements = mean(requirement => requirement.statements);
  const { nginxProcesses = cpus } = model;
  const workers = deriveParallelism(cell.deployment).workers;
  const app = workerDemandOf(model, deployment.spec.app);
  const { least, most } = model.databaseWait;
  const waits = mean(({ wait }) => (wait > 0 ? wait + (least + most) / 2 : 0));

  const shared =
    (demand: CpuDemand, servers: number, visits = 1) =>
    (load: PerSecond) =>
      visits === 0 ? 0 : visits * demandAt(demand, (load * visits) / servers);
  const k6 = shared(model.k6, cpus);
  const nginx = shared(model.nginx, nginxProcesses);
  const postgres = shared(model.postgres, cpus, statements);
  const [request, statement] = [shared(app.request, workers), shared(app.statement, workers, statements)];
  const worker = (load: PerSecond) => request(load) + statement(load) + mean(({ cpuSeconds }) => cpuSeconds);
  const database = (load: PerSecond) => (statements === 0 ? 0 : postgres(load) + waits);
  return {
    cpu: usedUpAt(cpus, load => k6(load) + nginx(load) + postgres(load) + worker(load)),
    workers: usedUpAt(workers, load => worker(load) + (limited ? database(load) : 0)),
    'database-connections': usedUpAt(deployment.databaseConnections, database),
    nginx: usedUpAt(nginxProcesses, nginx),
  };
}

function meanOf(requirements: readonly Requirements[], of: (requirement: Requirements) => number): number {
  let before = 0;
  return requirements.reduce((sum, requirement) => {
    const share = requirement.cumulative - before;
    before = requirement.cumulative;
    return sum + share * of(requirement);
  }, 0);
}

/** The load at which so many servers are never idle, by bisection on the log scale; infinite when that is never. */
function usedUpAt(servers: number, demand: (load: PerSecond) => Seconds): PerSecond {
  let [low, high] = [1e-3, 1e9];
  if (high * demand(high) < servers) return Number.POSITIVE_INFINITY;
  while (high / low > 1.0001) {
    const middle = Math.sqrt(low * high);
    if (middle * demand(middle) < servers) low = middle;
    else high = middle;
  }
  return low;
}
