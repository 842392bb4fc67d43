import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AskedNumbers, deploymentNear } from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import { type TopologyName, topologyNames, topologyOf } from '../../model/topology.ts';
import { PAGE_PORT } from '../../nginx/containers.ts';
import { availableCpus } from '../../services/cpus.ts';
import { dashboardParts } from '../runtime/local/dashboard.ts';
import { type LocalStack, startStack } from '../runtime/local/stack.ts';
import type { CommandContext } from './context.ts';

/** The stack that stays up until it is told to go. */
export const UP = 'up';

export interface UpOptions extends AskedNumbers {
  readonly accessLog?: boolean;
  /** `false` with `--no-dashboard`. */
  readonly dashboard: boolean;
}

/** `loadline up`: starts topologies and leaves them running. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('up')
    .description('start the service in its topologies with the dashboard, and leave them running')
    .argument('[topologies...]', `which: ${topologyNames.join(', ')}; all unless some are named`)
    .addOption(number('--processes <number>', 'processes of each topology that may have several'))
    .addOption(number('--threads <number>', 'worker threads in each process of topologies that have many'))
    .addOption(
      number('--database-connections <number>', 'at most so many for each topology; one for each worker that blocks'),
    )
    .option('--access-log', 'nginx writes a line of JSON for each request')
    .option('--no-dashboard', 'only the topologies: no page, and no k6 that waits for orders')
    .action(async (names: string[], options: UpOptions) => {
      const begin = performance.now();
      const { root, signal, say } = context;
      const stack = await startStack({
        root,
        name: UP,
        deployments: chosen(names).map(name => deploymentNear(name, availableCpus(), options)),
        wellKnownPorts: true,
        measuring: false,
        accessLog: options.accessLog ?? false,
        life: 'stays',
        workerProcesses: availableCpus(),
        ...(options.dashboard && { dashboard: await dashboardParts({ root, signal, say }) }),
        signal,
        say,
      });
      context.print(overviewOf(stack));
      if (stack.page) context.print(`See it: ${stack.page}`);
      for (const line of movedOf(stack)) say(line);
      if (options.accessLog) say(`Each request is logged in ${join(stack.folder.nginx, 'access.log')}`);
      say(`Ready after ${((performance.now() - begin) / 1000).toFixed(1)} s. Stop it with: ./loadline down`);
    });
}

/** What is not on the port where one expects it. */
function movedOf({ endpoints, page }: LocalStack): string[] {
  const parts = endpoints.map(({ deployment: { topology }, url }) => {
    return { name: topology as string, port: topologyOf(topology).port, url };
  });
  if (page !== undefined) parts.push({ name: 'the page', port: PAGE_PORT, url: page });
  return parts
    .filter(({ port, url }) => new URL(url).port !== String(port))
    .map(({ name, port, url }) => `${port} is taken: ${name} is on ${url}`);
}

function overviewOf({ endpoints }: LocalStack): string {
  const width = Math.max(...endpoints.map(({ deployment }) => deployment.topology.length));
  return endpoints
    .map(({ deployment: { topology }, url }) => `${topology.padEnd(width)}  ${url}  ${topologyOf(topology).shows}`)
    .join('\n');
}

function chosen(names: readonly string[]): TopologyName[] {
  const unknown = names.find(name => !topologyNames.some(topology => topology === name));
  if (unknown !== undefined) {
    throw new LoadlineError('usage', `There is no topology ${unknown}; there are ${topologyNames.join(', ')}`);
  }
  return topologyNames.filter(topology => names.length === 0 || names.includes(topology));
}

function number(flags: string, description: string): Option {
  return new Option(flags, description).argParser(text => {
    if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
    throw new InvalidArgumentError('It must be a whole number from 1 to 9999.');
  });
}
