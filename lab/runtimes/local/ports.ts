import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Deployment } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import { deriveParallelism } from '../../../model/parallelism.ts';
import { type PlannedDeployment, planDeployment, type StackPlan } from '../../../model/stack-plan.ts';
import { PAGE_PORT } from '../../../nginx/containers.ts';
import { readText } from '../../../services/cpus.ts';
import { type Lock, tryLock } from '../lock.ts';

/** Free ports of the loopback address that no other command of Loadline takes. */
export interface PortClaim extends AsyncDisposable {
  readonly ports: readonly number[];
  /** To be called when a program listens on each port: from then on the ports guard themselves. */
  release(): Promise<void>;
}

/** Where a dashboard listens. */
export interface DashboardPorts {
  /** nginx's, for browsers. */
  readonly page: number;
  /** The dashboard's own, for nginx. */
  readonly web: number;
  /** The dashboard's own, for k6. */
  readonly desk: number;
}

/** Where everything of a stack listens. */
interface StackPorts {
  readonly postgres: number;
  /** nginx's own figures. */
  readonly status: number;
  readonly dashboard: DashboardPorts;
  readonly plan: StackPlan;
}

/** Blocks begin at multiples of this, and each has a lock. */
const BLOCK = 64;
const LOWEST = 20_000;
/** Where Linux by default begins with the ports of outgoing connections. */
const USUAL_FIRST_OUTGOING = 32_768;
const ATTEMPTS = 200;
const LOOPBACK = { host: '127.0.0.1', nginxHost: '127.0.0.1' } as const;

/** Claims so many consecutive free ports, below those that the kernel gives to outgoing connections. */
export async function claimPorts(count: number, signal?: AbortSignal): Promise<PortClaim> {
  const firstOutgoing = readFirstOutgoingPort();
  const blocks = Math.ceil(count / BLOCK);
  const [lowest, highest] = [Math.ceil(LOWEST / BLOCK), Math.floor(firstOutgoing / BLOCK) - blocks];
  if (highest < lowest) {
    throw new LoadlineError(
      'deployment-impossible',
      `It needs ${count} ports, more than there are from ${LOWEST} to ${firstOutgoing - 1}; choose fewer processes or threads`,
    );
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    signal?.throwIfAborted();
    const block = randomInt(lowest, highest + 1);
    const locks = await lockBlocks(block, blocks);
    if (locks === undefined) continue;
    const ports = Array.from({ length: count }, (_, index) => block * BLOCK + index);
    const release = () => releaseAll(locks);
    if (await areFree(ports)) return { ports, release, [Symbol.asyncDispose]: release };
    await release();
  }
  throw new LoadlineError(
    'ports-taken',
    `no ${count} consecutive free ports were found on 127.0.0.1 from ${LOWEST} on; choose fewer processes or threads, or stop what Loadline left there with ./loadline clean`,
  );
}

/** Whether no program listens on any of these ports of the loopback address. */
export async function areFree(ports: readonly number[]): Promise<boolean> {
  const servers: Server[] = [];
  try {
    for (const port of ports) {
      const server = createServer().listen({ port, host: '127.0.0.1', exclusive: true });
      await once(server, 'listening');
      servers.push(server);
    }
    return true;
  } catch {
    return false;
  } finally {
    await Promise.all(servers.map(server => new Promise(closed => server.close(closed))));
  }
}

/** How many ports a stack of these deployments needs. */
export function portsNeeded(deployments: readonly Deployment[]): number {
  const each = deployments.map(deployment => 1 + deployment.processes + deriveParallelism(deployment).endpoints);
  return 5 + each.reduce((sum, ports) => sum + ports, 0);
}

/** Shares out consecutive `ports`; clients reach a deployment on its port in `preferred`, where it has one. */
export function assignPorts(
  deployments: readonly Deployment[],
  ports: readonly number[],
  preferred: ReadonlyMap<Deployment, number> = new Map(),
): StackPorts {
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
      // The further endpoints of a process take the ports after its first.
      for (let further = 1; further < endpoints / deployment.processes; further++) next();
      return { controlPort, workerPort };
    });
    const nginxPort = preferred.get(deployment) ?? own;
    return planDeployment(deployment, { ...LOOPBACK, nginxPort, publishedPort: nginxPort, processes });
  });
  return { postgres, status, dashboard, plan: { schema: 1, deployments: planned } };
}

/** The well-known ports that are free: of the page, and of topologies, each for the first deployment of its topology. */
export async function findWellKnownPorts(
  deployments: readonly Deployment[],
): Promise<{ page: number | undefined; clients: Map<Deployment, number> }> {
  const clients = new Map<Deployment, number>();
  for (const deployment of deployments) {
    const { port } = deployment.spec;
    if (![...clients.values()].includes(port) && (await areFree([port]))) clients.set(deployment, port);
  }
  return { page: (await areFree([PAGE_PORT])) ? PAGE_PORT : undefined, clients };
}

/** The first of the ports that the kernel takes for outgoing connections. */
function readFirstOutgoingPort(): number {
  const first = Number(readText('/proc/sys/net/ipv4/ip_local_port_range')?.split(/\s+/)[0]);
  return first > LOWEST + 100 * BLOCK ? first : USUAL_FIRST_OUTGOING;
}

/** `undefined`: another command has one of them. */
async function lockBlocks(first: number, count: number): Promise<Lock[] | undefined> {
  const locks: Lock[] = [];
  for (let block = first; block < first + count; block++) {
    const lock = await tryLock(`ports ${block}`);
    if (lock === undefined) {
      await releaseAll(locks);
      return undefined;
    }
    locks.push(lock);
  }
  return locks;
}

async function releaseAll(locks: readonly Lock[]): Promise<void> {
  await Promise.all(locks.map(lock => lock.release()));
}
