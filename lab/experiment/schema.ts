import { z } from 'zod';
import { type RouteName, routes } from '../../model/contract/contract.ts';
import { cpuNumbers, type LimitedContainer } from '../../model/deployment.ts';
import { claimIds } from '../../model/experiment.ts';
import {
  durationText,
  memoryText,
  parseDuration,
  parseMemory,
  parsePercent,
  percentageText,
  type Seconds,
} from '../../model/quantities.ts';
import { topologyNames } from '../../model/topology.ts';
import { shippedNames } from './shipped-workloads.ts';

/**
 * The shape of an experiment file, for the parser and for editors. What its parts mean together (which workload runs
 * where, which numbers a topology can have) is in `cells.ts`.
 */

/** An object with these keys and no others; the error of another key lists them. */
function closed<Shape extends z.ZodRawShape>(shape: Shape) {
  const valid = Object.keys(shape).join(', ');
  return z.strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? valid : undefined) });
}

/** A text that is parsed into a number, in one of the spellings that files may have. */
function quantity(spelling: RegExp, parse: (text: string) => number | undefined, error: string) {
  return z
    .string()
    .regex(spelling, error)
    .transform(text => parse(text) ?? Number.NaN);
}

function duration(least: Seconds, most: Seconds) {
  const error = 'must be seconds, or a text such as 250ms, 90s, 10m or 1h';
  const text = quantity(durationText, parseDuration, error).refine(value => value >= least && value <= most, {
    error: `must be from ${least} to ${most} seconds`,
  });
  return z.union([z.number().min(least).max(most), text], { error });
}

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be small letters, digits and dashes, 40 at most');
/** What workloads call deployments: the name of an entry, or of a size, with its limits. */
const deploymentWord = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,119}$/, 'must be small letters, digits and dashes, 120 at most');
const whole = z.int().min(1).max(9999);
/** A simulated machine may have many. */
const connections = z.int().min(1).max(100_000);
function oneOrList<Value extends z.ZodType>(value: Value, what: string) {
  return z.union([value, z.array(value).min(1)], { error: `must be ${what}, or a list of them` });
}

const memory = quantity(memoryText, parseMemory, 'must be an amount such as 800MB or 1.5GB');

/** The engine takes no fewer. */
const cpus = z
  .number()
  .min(0.01)
  .max(9999)
  // They stand in the deployment's name.
  .refine(value => Number.isInteger(Number((value * 1000).toPrecision(12))), 'must have three decimals at most');
const set = "must be numbers of CPUs in quotes, '0-2,5'";
const cpuset = z
  .string()
  .regex(/^\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*$/, set)
  .refine(value => value.split(',').every(part => cpuNumbers(part).length > 0), set);

const containerLimits = closed({
  cpus: oneOrList(cpus, 'a number of CPUs').optional().describe('CPUs that it may use: 0.6; otherwise as in .env.'),
  cpuset: oneOrList(cpuset, "numbers of CPUs in quotes, '0-2,5'")
    .optional()
    .describe("The CPUs that it may run on: '0-2,5'; otherwise as in .env."),
  memory: oneOrList(memory, 'an amount such as 800MB or 1.5GB')
    .optional()
    .describe('The most memory that it may have, such as 400MB; otherwise as in .env.'),
});

const containers = closed({
  workers: containerLimits.optional().describe('The container of its workers.'),
  nginx: containerLimits.optional().describe('nginx, while this deployment is measured.'),
  postgres: containerLimits.optional().describe('Postgres, while this deployment is measured.'),
} satisfies Record<LimitedContainer, unknown>).describe(
  'Limits of its containers; with lists, every combination. Only with --runtime compose.',
);

const topology = z.enum(topologyNames).describe('A way of running the service.');

const sizedDeployment = closed({
  name: deploymentWord.optional().describe('What workloads call it; otherwise its topology.'),
  topology,
  processes: oneOrList(whole, 'a whole number')
    .optional()
    .describe('Otherwise as many as CPUs, where the topology may have several.'),
  threadsPerProcess: oneOrList(whole, 'a whole number')
    .optional()
    .describe('Worker threads in each process; otherwise 8, or 1.'),
  databaseConnections: oneOrList(connections, 'a whole number')
    .optional()
    .describe('For the whole deployment; otherwise 40, or one for each worker that blocks.'),
  containers: containers.optional(),
  hidden: z
    .boolean()
    .optional()
    .describe('true: measured from outside alone, as a service that tells nothing of itself.'),
}).describe('A topology with its numbers; with lists of numbers, every combination of them.');

const deployment = z.union([topology, sizedDeployment], { error: 'must be a topology, or an object with one' });

const request = closed({
  weight: z.number().positive().default(1).describe('How often it is sent, against the others.'),
  route: z.enum(Object.keys(routes) as RouteName[]).describe('Of the service; see docs/experiments.md.'),
  parameters: z
    .record(z.string(), z.number())
    .default({})
    .describe('What the route takes: { ms: 20 }; cpuSeconds may replace units.'),
});

const shipped = z.enum(shippedNames).describe('A workload that ships with Loadline.');

const ownWorkload = closed({
  name: name.describe('A name of its own; with neither `requests` nor `mix`, one that ships.'),
  requests: z.array(request).min(1).optional().describe('What is sent, drawn at random by weight.'),
  mix: z
    .record(z.string(), z.number().positive())
    .optional()
    .describe('Workloads by name, each with its weight: { item: 9, orders: 1 }.'),
  deployments: z.array(deploymentWord).min(1).optional().describe('Where it runs; otherwise on all of them.'),
  heldOut: z
    .array(deploymentWord)
    .min(1)
    .optional()
    .describe("Where a plan's model is not fitted to it: what it predicts there is held against what was measured."),
});

const workload = z.union([shipped, ownWorkload], { error: 'must be a name, or an object with one' });

const openLoad = z.number().positive().max(1_000_000).describe('Poisson arrivals per second.');
const closedLoad = closed({
  users: z.int().min(1).max(20_000).describe('Each has one request in progress at most.'),
  thinkTime: duration(0, 3600).prefault(0).describe('A pause of each user after each answer.'),
});
const burst = closed({ burst: z.int().min(1).max(20_000).describe('Requests that are sent at once.') });
const load = z.union([openLoad, closedLoad, burst], { error: 'must be arrivals a second, users or a burst' });

const objective = closed({
  quantile: z.number().min(0.5).max(0.9999).default(0.99).describe('Of the response times.'),
  responseTime: duration(0.001, 60).prefault(0.25).describe('What the quantile may be at most.'),
  errorFraction: z.number().min(0).max(1).default(0.001).describe('Of all requests.'),
});

const phases = closed({
  warmUp: duration(0.5, 600).prefault(2).describe('Of each trial; not scored.'),
  steadyState: duration(1, 3600).prefault(10).describe('What is scored.'),
});

const part = 'must be a part such as 2% or 0.02';
const percentage = quantity(percentageText, parsePercent, part).refine(value => value >= 0.001 && value <= 0.5, {
  error: 'must be from 0.1% to 50%',
});
const precision = z.union([z.number().min(0.001).max(0.5), percentage], { error: part });

const sizeLimits = closed({
  memory: memory.optional().describe("The most memory that a size's workers may have, such as 800MB."),
  databaseConnections: connections.optional().describe('The most database connections that a size may have.'),
});

export const experimentFile = closed({
  name: name.describe('What the folder of a run is called after.'),
  seed: z.int().min(0).max(0x7fff_ffff).default(1).describe('Of the order of trials and of all arrivals.'),
  budget: duration(1, 86_400).describe('For all trials together; what was not found by then stays as it is.'),
  objective: objective.prefault({}).describe('What must hold for a load to count as carried.'),
  phases: phases.prefault({}).describe('The least that each trial lasts.'),
  blocks: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('How often everything is measured with restarted workers; intervals between blocks need 4.'),
  precision: precision
    .optional()
    .describe('Only of a simulation: blocks are added until every capacity is known as well, such as 2%.'),
  capacity: z.boolean().default(true).describe('Whether the capacity of each workload on each deployment is found.'),
  loads: z.array(load).prefault([]).describe('Measured on every cell in every block, besides the capacity.'),
  partsOfCapacity: z
    .array(z.number().min(0.05).max(0.95))
    .min(1)
    .optional()
    .describe('Each cell is measured three times at these parts of its capacity, once that is found.'),
  sizes: z
    .enum(['all', 'best'])
    .default('all')
    .describe('best: of the sizes of a topology only the one that carries most is measured in all blocks.'),
  limits: sizeLimits.prefault({}).describe('What the best size of a topology must do with.'),
  claims: z.array(z.enum(claimIds)).default([]).describe("The article's statements to put to the test."),
  deployments: z.array(deployment).prefault([]).describe('What is compared: topologies, each with its numbers.'),
  workloads: z.array(workload).default([]).describe('What is asked of it.'),
});

export type ExperimentFile = z.output<typeof experimentFile>;
export type DeploymentEntry = z.output<typeof deployment>;
export type WorkloadEntry = z.output<typeof workload>;
export type LoadEntry = z.output<typeof load>;

/** Entries are parsed one by one too, so that a mistake in one does not hide those in the others. */
export { deployment as deploymentEntry, workload as workloadEntry };

/** The JSON Schema of an experiment file, for editors. */
export function experimentJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(experimentFile, { io: 'input' });
  return { $schema, title: 'An experiment of Loadline', ...schema };
}
