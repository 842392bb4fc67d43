import { z } from 'zod';
import { limitedContainers } from '../../model/deployment.ts';
import { claimIds } from '../../model/experiment.ts';
import {
  type Component,
  components,
  containerCpus,
  type LimitedResource,
  type Measurement,
  resources,
} from '../../model/measurement.ts';
import type { Topology } from '../../model/topology.ts';
import { errorKinds } from '../../model/wire.ts';

/**
 * What the lines of a trials file must hold, as deep as anything reads them: an edited file is refused here, with its line
 * and key, and not later with a stack trace. Other keys are allowed.
 */

/** zod's own number has neither NaN nor infinity, which a measurement may have. */
const number = z.custom<number>(value => typeof value === 'number', 'must be a number');
const object = z.looseObject;

const histogram = object({
  objective: number,
  counts: z.record(z.string(), number),
  count: number,
  sum: number,
  max: number,
});

function each<Key extends string>(keys: readonly Key[]) {
  return object(Object.fromEntries(keys.map(key => [key, number])) as Record<Key, typeof number>);
}

/** Keys that may be absent. */
function some<Key extends string>(keys: readonly Key[]) {
  type Optional = z.ZodExactOptional<typeof number>;
  return object(Object.fromEntries(keys.map(key => [key, number.exactOptional()])) as Record<Key, Optional>);
}

const perComponent = each<Component>(components);
const meanAndMost = object({ mean: number, most: number });

// With this type no key of a measurement can be forgotten.
const measurement: z.ZodType<Measurement> = object({
  offeredLoad: number,
  throughput: number,
  scored: number,
  observed: number,
  neverSent: number,
  outOfConnections: number.exactOptional(),
  neverAnswered: number,
  inProgress: z.array(object({ time: number, requests: number })),
  timeInProgress: number.exactOptional(),
  stoppedEarly: z.boolean(),
  controlLost: z.boolean(),
  responseTime: histogram,
  responseTimeFromSend: histogram,
  scheduleLag: histogram,
  errors: each(errorKinds).extend({ 'status-504': number.exactOptional() }),
  serviceDemand: perComponent,
  utilisation: each(['cpu', 'nginx']).and(some<LimitedResource>([...resources, ...containerCpus])),
  cpuShare: perComponent,
  memory: perComponent,
  workers: z
    .array(
      object({
        name: z.string(),
        completed: number,
        busy: number,
        databaseWait: number,
        connectionsHeld: number,
        connectionWait: number,
        inProgress: meanAndMost,
      }),
    )
    .exactOptional(),
  completions: object({ sent: number, succeeded: number, byWorkers: number.exactOptional() }),
  others: z.array(
    object({
      name: z.string(),
      completed: number.exactOptional(),
      inProgress: number.exactOptional(),
      cpus: number,
    }),
  ),
  steal: number,
  throttled: number.nullable(),
  throttledBy: some<Component>(components).exactOptional(),
  activeBackends: meanAndMost.nullable(),
  connectionsInUse: meanAndMost.nullable().exactOptional(),
  contextSwitches: object({ voluntary: number, involuntary: number }).nullable().exactOptional(),
  steadyFrom: number.nullable().exactOptional(),
  responses: z.array(object({ request: number, responseTime: number })).exactOptional(),
});

const containerLimits = object({
  cpus: number.exactOptional(),
  cpuset: z.string().exactOptional(),
  memory: number.exactOptional(),
});

const deployment = object({
  topology: z.string(),
  processes: number,
  threadsPerProcess: number,
  databaseConnections: number,
  containers: object(
    Object.fromEntries(limitedContainers.map(container => [container, containerLimits.exactOptional()])),
  ).exactOptional(),
  hidden: z.literal(true).exactOptional(),
});

const cell = object({
  deployment,
  workload: object({
    name: z.string(),
    requests: z.array(object({ weight: number, route: z.string(), parameters: z.record(z.string(), number) })),
  }),
});

const load = z.discriminatedUnion('model', [
  object({ model: z.literal('open'), arrivalRate: number }),
  object({ model: z.literal('closed'), users: number, thinkTime: number }),
  object({ model: z.literal('burst'), requests: number }),
]);

const trial = object({
  id: z.string(),
  purpose: z.enum(['light', 'capacity', 'load', 'claim']),
  claim: object({ id: z.enum(claimIds), part: z.string() }).exactOptional(),
  cell,
  load,
  phases: object({ warmUp: number, steadyState: number, timeLimit: number }),
  seed: number,
  block: z.int(),
  position: z.int(),
});

const made = { trial, elapsed: number };

/** A line after the first: a result, or a note that the run was resumed or ended. */
export const trialsLine = z.discriminatedUnion('state', [
  object({ state: z.literal('completed'), ...made, measurement }),
  object({ state: z.literal('invalid'), ...made, measurement, reason: object({ kind: z.string() }) }),
  object({ state: z.literal('failed'), ...made, error: object({ code: z.string(), message: z.string() }) }),
  object({ state: z.literal('resumed'), budget: number, changes: z.record(z.string(), z.array(z.unknown())) }),
  object({ state: z.literal('ended') }),
]);

const topology = object({
  name: z.string(),
  app: z.string(),
  port: number,
  listen: z.enum(['thread', 'process', 'replica']),
  concurrencyLimit: z.union([number, z.enum(['threads', 'none'])]),
  cpusPerProcess: z.union([z.literal(1), z.enum(['threads', 'all'])]),
  keepAlive: z.boolean(),
  sizes: object({}),
});

const experiment = object({
  name: z.string(),
  seed: number,
  cpus: number,
  objective: object({ quantile: number, responseTime: number, errorFraction: number }),
  topologies: z.array(topology),
  cells: z.array(cell),
  budget: number,
  blocks: number,
  precision: number.exactOptional(),
  capacity: z.boolean(),
  loads: z.array(load),
  phases: object({ warmUp: number, steadyState: number }),
  sizes: z.enum(['all', 'best']),
  limits: object({ memory: number.exactOptional(), databaseConnections: number.exactOptional() }),
  claims: z.array(z.enum(claimIds)),
  noise: object({ betweenTrials: number, betweenBlocks: number, source: z.enum(['assumed', 'calibrated']) }),
  validity: object({ scheduleLag: number, steal: number, others: number }).exactOptional(),
});

const runtime = z.enum(['compose', 'local', 'simulated']);

/** What was asked for, before anything was measured. */
export const askedFile = object({ schema: number, experiment, runtime, service: object({}).exactOptional() });

/** The first line of a trials file. */
export const headerLine = object({
  schema: number,
  experiment,
  runtime,
  environment: object({}),
});

/** The six topologies of schema 2, in which trials files only named them. */
const topologies: readonly Topology[] = [
  limited('sync', 8081, { listen: 'process', concurrencyLimit: 1, cpusPerProcess: 1 }, { processes: 'per-cpu' }),
  limited('threads', 8082, inThreads(), { threads: 8 }),
  limited('sync-threads', 8083, inThreads(), { processes: 'per-cpu', threads: 8 }),
  loops('async', 8084, 'fastify', {}),
  loops('hybrid', 8085, 'fastify', { processes: 'per-cpu' }),
  loops('async-express', 8086, 'express', { processes: 'per-cpu' }),
];

/** Adds the topologies to the first line of a trials file of schema 2. */
export function upgradedFrom2(header: unknown): unknown {
  const { experiment, ...rest } = header as { readonly experiment?: object };
  return { ...rest, experiment: { ...experiment, topologies } };
}

type Facts = Pick<Topology, 'listen' | 'concurrencyLimit' | 'cpusPerProcess'>;

function inThreads(): Facts {
  return { listen: 'thread', concurrencyLimit: 'threads', cpusPerProcess: 'threads' };
}

function limited(name: string, port: number, facts: Facts, sizes: Topology['sizes']): Topology {
  const app = 'blocking-express';
  return {
    name,
    shows: '',
    app,
    port,
    ...facts,
    keepAlive: true,
    sizes: { ...sizes, databaseConnections: 'per-slot' },
  };
}

function loops(name: string, port: number, app: string, sizes: Topology['sizes']): Topology {
  const facts = { listen: 'process', concurrencyLimit: 'none', cpusPerProcess: 1, keepAlive: true } as const;
  return { name, shows: '', app, port, ...facts, sizes: { ...sizes, databaseConnections: 40 } };
}
