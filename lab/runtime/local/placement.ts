import type { Deployment } from '../../../model/deployment.ts';
import { type PlacedProcesses, workerPortsOf } from '../../../model/placement.ts';
import type { Site } from '../../../nginx/render.ts';

/** Where each part of a deployment listens on the loopback address. */
export interface Placement extends PlacedProcesses {
  /** nginx's, for clients. */
  readonly port: number;
}

/** Which port everything of a stack listens on. */
export interface Ports {
  readonly postgres: number;
  /** nginx's own figures. */
  readonly status: number;
  readonly dashboard: DashboardPorts;
  readonly placements: readonly Placement[];
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
  const each = deployments.map(({ processes, threadsPerProcess }) => 1 + processes * (1 + threadsPerProcess));
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
  const placements = deployments.map(deployment => {
    const own = next();
    const processes = Array.from({ length: deployment.processes }, () => {
      const controlPort = next();
      const workerPort = next();
      // The threads after the first take the ports after it.
      for (let thread = 2; thread <= deployment.threadsPerProcess; thread++) next();
      return { controlPort, workerPort };
    });
    return { deployment, port: preferred.get(deployment) ?? own, processes };
  });
  return { postgres, status, dashboard, placements };
}

/** The placement as nginx is told of it. */
export function siteOf(placement: Placement): Site {
  return {
    deployment: placement.deployment,
    port: placement.port,
    workers: workerPortsOf(placement).map(port => `127.0.0.1:${port}`),
  };
}
