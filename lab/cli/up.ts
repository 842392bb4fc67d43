import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { LoadlineError } from '../../errors/loadline-error.ts';
import { availableCpus } from '../../services/cpus.ts';
import { type AskedNumbers, deploymentNear } from '../../services/deployment.ts';
import { type TopologyName, topologyNames, topologyOf } from '../../services/topologies.ts';
import { type LocalStack, startStack } from '../runtime/local/stack.ts';
import type { CommandContext } from './context.ts';

/** The stack that stays up until it is told to go. */
export const UP = 'up';

export interface UpOptions extends AskedNumbers {
  readonly accessLog?: boolean;
}

/** `loadline up`: starts topologies and leaves them running. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('up')
    .description('start the service in its topologies, and leave them running')
    .argument('[topologies...]', `which: ${topologyNames.join(', ')}; all unless some are named`)
    .addOption(number('--processes <number>', 'processes of each topology that may have several'))
    .addOption(number('--threads <number>', 'worker threads in each process of topologies that have many'))
    .addOption(
      number('--database-connections <number>', 'at most so many for each topology; one for each worker that blocks'),
    )
    .option('--access-log', 'nginx writes a line of JSON for each request')
    .action(async (names: string[], options: UpOptions) => {
      const begin = performance.now();
      const stack = await startStack({
        root: context.root,
        name: UP,
        deployments: chosen(names).map(name => deploymentNear(name, availableCpus(), options)),
        wellKnownPorts: true,
        measuring: false,
        accessLog: options.accessLog ?? false,
        life: 'stays',
        workerProcesses: availableCpus(),
        signal: context.signal,
        say: context.say,
      });
      context.print(overviewOf(stack));
      for (const line of movedOf(stack)) context.say(line);
      if (options.accessLog) context.say(`Each request is logged in ${join(stack.folder.nginx, 'access.log')}`);
      context.say(`Ready after ${((performance.now() - begin) / 1000).toFixed(1)} s. Stop it with: ./loadline down`);
    });
}

/** Which topologies are not on the port where one expects them. */
function movedOf({ endpoints }: LocalStack): string[] {
  return endpoints
    .filter(({ deployment: { topology }, url }) => new URL(url).port !== String(topologyOf(topology).port))
    .map(({ deployment: { topology }, url }) => `${topologyOf(topology).port} is taken: ${topology} is on ${url}`);
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
