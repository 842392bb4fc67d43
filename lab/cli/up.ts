import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type AskedNumbers,
  type Deployment,
  deploymentLabel,
  deploymentName,
  deploymentNear,
} from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import { topologyNames } from '../../model/topology.ts';
import { PAGE_PORT } from '../../nginx/containers.ts';
import { availableCpus } from '../../services/cpus.ts';
import { rejectWord } from '../experiment/problems.ts';
import { dashboardParts } from '../runtimes/local/dashboard.ts';
import { type LocalStack, startStack } from '../runtimes/local/stack.ts';
import type { CommandContext } from './context.ts';

/** The name of the stack that `up` starts and `down` stops. */
export const UP = 'up';

/** Two sizes of a topology. */
const EXAMPLE = 'hybrid hybrid:databaseConnections=8';
const sizeNames = ['processes', 'threads', 'databaseConnections'] as const;

export interface UpOptions extends AskedNumbers {
  readonly accessLog?: boolean;
  /** `false` with `--no-dashboard`. */
  readonly dashboard: boolean;
}

/** `loadline up`: starts topologies and leaves them running. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('up')
    .description('start the topologies and the page, and leave them running')
    .argument('[topologies...]', `${topologyNames.join(', ')}; default: all; one in two sizes: ${EXAMPLE}`)
    .addOption(number('--processes <number>', 'processes of each topology that can have several'))
    .addOption(number('--threads <number>', 'worker threads per process of each topology that can have several'))
    .addOption(
      number(
        '--database-connections <number>',
        'most database connections of each topology; a blocking worker has one',
      ),
    )
    .option('--access-log', 'have nginx log each request as a line of JSON')
    .option('--no-dashboard', 'start neither the page nor its k6')
    .action(async (names: string[], options: UpOptions) => {
      const begin = performance.now();
      const { root, signal, say } = context;
      const stack = await startStack({
        root,
        name: UP,
        deployments: chooseDeployments(names, availableCpus(), options),
        wellKnownPorts: true,
        measuring: false,
        accessLog: options.accessLog ?? false,
        life: 'stays',
        workerProcesses: availableCpus(),
        ...(options.dashboard && { dashboard: await dashboardParts({ root, signal, say }) }),
        signal,
        say,
      });
      context.print(describeStack(stack));
      if (stack.page) context.print(`See it: ${stack.page}`);
      for (const line of listMoved(stack)) say(line);
      if (options.accessLog) say(`Each request is logged in ${join(stack.folder.nginx, 'access.log')}`);
      say(`Ready after ${((performance.now() - begin) / 1000).toFixed(1)} s. Stop it with: ./loadline down`);
    });
}

/** Lines about what is not on its well-known port. */
function listMoved({ endpoints, page }: LocalStack): string[] {
  // The first deployment of a topology has its port.
  const firsts = endpoints.filter(
    ({ deployment: { topology } }, index) =>
      endpoints.findIndex(({ deployment }) => deployment.topology === topology) === index,
  );
  const parts = firsts.map(({ deployment: { topology, spec }, url }) => ({ name: topology, port: spec.port, url }));
  if (page !== undefined) parts.push({ name: 'the page', port: PAGE_PORT, url: page });
  return parts
    .filter(({ port, url }) => new URL(url).port !== String(port))
    .map(({ name, port, url }) => `Port ${port} is taken: ${name} is on ${url}`);
}

function describeStack({ endpoints }: LocalStack): string {
  const deployments = endpoints.map(({ deployment }) => deployment);
  const rows = endpoints.map(({ deployment, url }) => ({
    label: deploymentLabel(deployment, deployments),
    deployment,
    url,
  }));
  const width = Math.max(...rows.map(({ label }) => label.length));
  return rows
    .map(({ label, deployment, url }) => `${label.padEnd(width)}  ${url}  ${deployment.spec.shows}`)
    .join('\n');
}

/** Chooses the deployments that the arguments name; without arguments, all topologies. */
export function chooseDeployments(args: readonly string[], cpus: number, asked: AskedNumbers): Deployment[] {
  const named = (args.length === 0 ? topologyNames : args).map(arg => parseDeployment(arg, cpus, asked));
  const names = named.map(deploymentName);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    throw new LoadlineError('usage', `${twice} is named twice; give one of them another size, as in ${EXAMPLE}`);
  }
  return topologyNames.flatMap(name => named.filter(({ topology }) => topology === name));
}

/** Parses an argument such as `hybrid:databaseConnections=8`. */
function parseDeployment(arg: string, cpus: number, asked: AskedNumbers): Deployment {
  const [name = '', ...rest] = arg.split(':');
  if (!topologyNames.includes(name)) {
    throw new LoadlineError('usage', `${arg}: the topology ${rejectWord(name, topologyNames)}`);
  }
  const texts = rest.length === 0 ? [] : rest.join(':').split(',');
  const sizes: AskedNumbers = Object.fromEntries(texts.map(text => parseSize(text, arg)));
  const { processes, threads, databaseConnections } = sizes;
  // A size that is named is taken as it is, and refused later where it cannot work.
  return {
    ...deploymentNear(name, cpus, { ...asked, ...sizes }),
    ...(processes !== undefined && { processes }),
    ...(threads !== undefined && { threadsPerProcess: threads }),
    ...(databaseConnections !== undefined && { databaseConnections }),
  };
}

function parseSize(text: string, arg: string): [name: string, value: number] {
  const [name = '', value = ''] = text.split('=');
  if (!sizeNames.some(size => size === name)) {
    throw new LoadlineError('usage', `${arg}: a size ${rejectWord(name, sizeNames)}`);
  }
  if (/^[1-9]\d{0,3}$/.test(value)) return [name, Number(value)];
  throw new LoadlineError('usage', `${arg}: ${name} is "${value}"; it must be a whole number from 1 to 9999`);
}

function number(flags: string, description: string): Option {
  return new Option(flags, description).argParser(text => {
    if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
    throw new InvalidArgumentError('It must be a whole number from 1 to 9999.');
  });
}
