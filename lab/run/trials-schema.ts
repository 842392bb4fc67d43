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

/** Keys that hold numbers. */
function numbers<Key extends string>(...keys: readonly Key[]) {
  return Object.fromEntries(keys.map(key => [key, number])) as Record<Key, typeof number>;
}

/** Keys that hold numbers, or are absent. */
function someNumbers<Key extends string>(...keys: readonly Key[]) {
  type Optional = z.ZodExactOptional<typeof number>;
  return Object.fromEntries(keys.map(key => [key, number.exactOptional()])) as Record<Key, Optional>;
}

const perComponent = object(numbers<Component>(...components));
const meanAndMost = object(numbers('mean', 'most'));
const histogram = object({
  ...numbers('objective', 'count', 'sum', 'max'),
  counts: z.record(z.string(), number),
});
const worker = object({
  name: z.string(),
  ...numbers('completed', 'busy', 'databaseWait', 'connectionsHeld', 'connectionWait'),
  inProgress: meanAndMost,
});
const other = object({ name: z.string(), ...numbers('cpus'), ...someNumbers('completed', 'inProgress') });

// With this type no key of a measurement can be forgotten.
const measurement: z.ZodType<Measurement> = object({
  ...numbers('offeredLoad', 'throughput', 'scored', 'observed', 'neverSent', 'neverAnswered', 'steal'),
  ...someNumbers('outOfConnections', 'timeInProgress'),
  ...{ stoppedEarly: z.boolean(), controlLost: z.boolean() },
  inProgress: z.array(object(numbers('time', 'requests'))),
  ...{ responseTime: histogram, responseTimeFromSend: histogram, scheduleLag: histogram },
  errors: object({ ...numbers(...errorKinds), 'status-504': number.exactOptional() }),
  ...{ serviceDemand: perComponent, cpuShare: perComponent, memory: perComponent },
  utilisation: object({
    ...someNumbers<LimitedResource>(...resources, ...containerCpus),
    ...numbers('cpu', 'nginx'),
  }),
  workers: z.array(worker).exactOptional(),
  completions: object({ ...numbers('sent', 'succeeded'), byWorkers: number.exactOptional() }),
  others: z.array(other),
  throttled: number.nullable(),
  throttledBy: object(someNumbers<Component>(...components)).exactOptional(),
  activeBackends: meanAndMost.nullable(),
  connectionsInUse: meanAndMost.nullable().exactOptional(),
  contextSwitches: object(numbers('voluntary', 'involuntary')).nullable().exactOptional(),
  steadyFrom: number.nullable().exactOptional(),
  responses: z.array(object(numbers('request', 'responseTime'))).exactOptional(),
});

const containerLimits = object({ ...someNumbers('cpus', 'memory'), cpuset: z.string().exactOptional() });
const containers = limitedContainers.map(container => [container, containerLimits.exactOptional()]);
const deployment = object({
  topology: z.string(),
  ...numbers('processes', 'threadsPerProcess', 'databaseConnections'),
  containers: object(Object.fromEntries(containers)).exactOptional(),
  hidden: z.literal(true).exactOptional(),
});

const request = object({ weight: number, route: z.string(), parameters: z.record(z.string(), number) });
const cell = object({ deployment, workload: object({ name: z.string(), requests: z.array(request) }) });

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
  phases: object(numbers('warmUp', 'steadyState', 'timeLimit')),
  seed: number,
  ...{ block: z.int(), position: z.int() },
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
  ...numbers('seed', 'cpus', 'budget', 'blocks'),
  ...someNumbers('precision'),
  objective: object(numbers('quantile', 'responseTime', 'errorFraction')),
  topologies: z.array(topology),
  cells: z.array(cell),
  capacity: z.boolean(),
  loads: z.array(load),
  phases: object(numbers('warmUp', 'steadyState')),
  sizes: z.enum(['all', 'best']),
  limits: object(someNumbers('memory', 'databaseConnections')),
  claims: z.array(z.enum(claimIds)),
  noise: object({ ...numbers('betweenTrials', 'betweenBlocks'), source: z.enum(['assumed', 'calibrated']) }),
  validity: object(numbers('scheduleLag', 'steal', 'others')).exactOptional(),
});

const runtime = z.enum(['compose', 'local', 'simulated']);

/** What was asked for, before anything was measured. */
export const askedFile = object({ schema: number, experiment, runtime, service: object({}).exactOptional() });

/** The first line of a trials file. */
export const headerLine = object({ schema: number, experiment, runtime, environment: object({}) });

type Facts = Pick<Topology, 'listen' | 'concurrencyLimit' | 'cpusPerProcess'>;
const process: Facts = { listen: 'process', concurrencyLimit: 1, cpusPerProcess: 1 };
const threads: Facts = { listen: 'thread', concurrencyLimit: 'threads', cpusPerProcess: 'threads' };
const loop: Facts = { listen: 'process', concurrencyLimit: 'none', cpusPerProcess: 1 };

/** The six topologies of schema 2, in which trials files only named them. */
const topologies = [
  describe('sync', 8081, 'blocking-express', process, { processes: 'per-cpu' }),
  describe('threads', 8082, 'blocking-express', threads, { threads: 8 }),
  describe('sync-threads', 8083, 'blocking-express', threads, { processes: 'per-cpu', threads: 8 }),
  describe('async', 8084, 'fastify', loop, {}),
  describe('hybrid', 8085, 'fastify', loop, { processes: 'per-cpu' }),
  describe('async-express', 8086, 'express', loop, { processes: 'per-cpu' }),
];

function describe(name: string, port: number, app: string, facts: Facts, sizes: Topology['sizes']): Topology {
  const databaseConnections = facts.concurrencyLimit === 'none' ? 40 : 'per-slot';
  return { name, shows: '', app, port, ...facts, keepAlive: true, sizes: { ...sizes, databaseConnections } };
}

/** Adds the topologies to the first line of a trials file of schema 2. */
export function upgradedFrom2(header: unknown): unknown {
  const { experiment, ...rest } = header as { readonly experiment?: object };
  return { ...rest, experiment: { ...experiment, topologies } };
}
