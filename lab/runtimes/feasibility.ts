import { totalmem } from 'node:os';
import {
  cannotFit,
  cpuNumbers,
  type Deployment,
  deploymentName,
  limitedContainers,
  memoryOfWorkers,
  refusalOf,
} from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import type { Bytes } from '../../model/quantities.ts';
import type { Runtime } from '../run/runtime.ts';

/** For preparation, observation and a person with psql. */
const RESERVED_CONNECTIONS = 20;
const FEWEST_CONNECTIONS = 300;

/** `max_connections` of a Postgres that these deployments share. */
export function connectionsFor(deployments: readonly Deployment[]): number {
  const budgets = deployments.reduce((sum, { databaseConnections }) => sum + databaseConnections, 0);
  return Math.max(FEWEST_CONNECTIONS, budgets + RESERVED_CONNECTIONS);
}

/** Refuses impossible numbers, two deployments of the same name, and more memory than there is. */
export function requirePossible(deployments: readonly Deployment[], memory: Bytes = totalmem()): void {
  const names = deployments.map(deploymentName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const refusal = deployments.map(refusalOf).find(Boolean) ?? (twice && `${twice} is there twice`);
  if (refusal) throw new LoadlineError('deployment-impossible', `${refusal}; choose other numbers`);
  const needs = deployments.map(deployment => memoryOfWorkers(deployment));
  const needed = needs.reduce((sum, one) => sum + one, 0);
  if (!cannotFit(needed, memory)) return;
  const most = Math.max(...needs);
  throw new LoadlineError(
    'memory-short',
    `The workers would take about ${gigabytes(needed)}, ${names[needs.indexOf(most)]} alone ${gigabytes(most)}, and this machine has ${gigabytes(memory)}; deploy fewer of them, or simulate them: compare --runtime simulated`,
  );
}

/** Refuses limits of containers on a runtime without containers, and on more CPUs than the engine has. */
export function requireLimitable(
  deployments: readonly Deployment[],
  { name, containerCpus }: Pick<Runtime, 'name' | 'containerCpus'>,
): void {
  for (const deployment of deployments) {
    const { containers } = deployment;
    if (containers === undefined) continue;
    const refused = (why: string) => new LoadlineError('deployment-impossible', `${deploymentName(deployment)} ${why}`);
    if (containerCpus === undefined) {
      throw refused(
        `limits its containers, and --runtime ${name} has none; measure it with --runtime compose, or leave \`containers\` out.`,
      );
    }
    const has = `the engine has ${containerCpus} CPUs (docker info)`;
    for (const container of limitedContainers) {
      const { cpus = 0, cpuset } = containers[container] ?? {};
      if (cpus > containerCpus)
        throw refused(`gives ${container} ${cpus} CPUs, and ${has}; give it that many at most.`);
      const absent = cpuset && cpuNumbers(cpuset).find(number => number >= containerCpus);
      if (absent) {
        throw refused(`puts ${container} on CPU ${absent}, and ${has}: 0 to ${containerCpus - 1}; choose among those.`);
      }
    }
  }
}

function gigabytes(bytes: Bytes): string {
  return `${(bytes / 1e9).toFixed(bytes < 10e9 ? 1 : 0)} GB`;
}
