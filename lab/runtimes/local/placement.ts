import type { Deployment } from '../../../model/deployment.ts';
import { deriveParallelism } from '../../../model/parallelism.ts';
import { type PlannedDeployment, planDeployment, type StackPlan } from '../../../model/stack-plan.ts';

const LOOPBACK = { host: '127.0.0.1', nginxHost: '127.0.0.1' } as const;

/** Which port everything of a stack listens on. */
export interface Ports {
  readonly postgres: number;
  /** nginx's own figures. */
  readonly status: number;
  readonly dashboard: DashboardPorts;
  readonly plan: StackPlan;
}

/** Where a dashboard listens, if there is one. */
export interface DashboardPorts {
  /** nginx's, for browsers. */
  readonly page: number;
  /** The dashboard's own, for nginx. */
  readonly web: number;
  /** The dashboard's own, for k6. */
  readonly desk: number;
}

/** How many ports a stack of these deployments needs. */
export function portsNeeded(deployments: readonly Deployment[]): number {
  const each = deployments.map(deployment => 1 + deployment.processes + deriveParallelism(deployment).endpoints);
  return 5 + each.reduce((sum, ports) => sum + ports, 0);
}

/** Shares out consecutive `ports`; `preferred` are those of clients, by deployment, where they are to be others. */
export function placed(
  deployments: readonly Deployment[],
  ports: readonly number[],
  preferred: ReadonlyMap<Deployment, number>,
): Ports {
  const rest = ports.values();
  const next = (): number => {
    const { value } = rest.next();
    if (value === undefined) throw new RangeError(`${ports.length} ports are too few for these deployments`);
    return value;
  };
  const [postgres, status] = [next(), next()];
  const dashboard = { page: next(), web: next(), desk: next() };
  const planned = deployments.map((deployment): PlannedDeployment => {
    const own = next();
    const { endpoints } = deriveParallelism(deployment);
    const shared = deployment.spec.listen === 'replica' ? next() : undefined;
    const processes = Array.from({ length: deployment.processes }, () => {
      const controlPort = next();
      if (shared !== undefined) return { controlPort, workerPort: shared };
      const workerPort = next();
      // Its endpoints after the first take the ports after it.
      for (let further = 1; further < endpoints / deployment.processes; further++) next();
      return { controlPort, workerPort };
    });
    const nginxPort = preferred.get(deployment) ?? own;
    return planDeployment(deployment, { ...LOOPBACK, nginxPort, publishedPort: nginxPort, processes });
  });
  return { postgres, status, dashboard, plan: { schema: 1, deployments: planned } };
}
