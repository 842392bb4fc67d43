import type { Deployment } from '../../../model/deployment.ts';
import { PAGE_PORT } from '../../../nginx/containers.ts';
import { areFree } from './ports.ts';

/** The well-known ports of topologies that are free, each for the first deployment of its topology. */
export async function freeClientPorts(deployments: readonly Deployment[]): Promise<Map<Deployment, number>> {
  const chosen = new Map<Deployment, number>();
  for (const deployment of deployments) {
    const { port } = deployment.spec;
    if (![...chosen.values()].includes(port) && (await areFree([port]))) chosen.set(deployment, port);
  }
  return chosen;
}

/** The well-known port of the page, where it is free. */
export async function freePagePort(): Promise<number | undefined> {
  return (await areFree([PAGE_PORT])) ? PAGE_PORT : undefined;
}
