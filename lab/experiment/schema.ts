import { z } from 'zod';
import { type RouteName, routes } from '../../services/contract.ts';
import { topologyNames } from '../../services/topologies.ts';

/** What an experiment file may say; what it means together (which workload runs where) is checked in `cells.ts`. */

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be small letters, digits and dashes, 40 at most');
const whole = z.int().min(1);

const deploymentKeys = {
  /** What workloads call it; its topology unless it is set. */
  name: name.optional(),
  topology: z.enum(topologyNames),
  processes: whole.optional(),
  threadsPerProcess: whole.optional(),
  databaseConnections: whole.optional(),
};

const deployment = z.preprocess(
  value => (typeof value === 'string' ? { topology: value } : value),
  z.strictObject(deploymentKeys),
);

const request = z.strictObject({
  weight: z.number().positive().default(1),
  route: z.enum(Object.keys(routes) as RouteName[]),
  parameters: z.record(z.string(), z.number()).default({}),
});

const workload = z.strictObject({
  name,
  requests: z.array(request).min(1),
  deployments: z.array(name).min(1).optional(),
});

const objective = z.strictObject({
  quantile: z.number().min(0.5).max(0.9999),
  responseTime: z.number().min(0.001).max(60),
  errorFraction: z.number().min(0).max(1),
});

export const experimentFile = z.strictObject({
  name,
  seed: z.int().min(0).max(0x7fff_ffff).default(1),
  budget: z.number().positive(),
  objective,
  deployments: z.array(deployment).min(1),
  workloads: z.array(workload).min(1),
});

export type ExperimentFile = z.output<typeof experimentFile>;

/** Every key that the file may have somewhere. */
export const knownKeys = [experimentFile.shape, deploymentKeys, objective.shape, workload.shape, request.shape].flatMap(
  shape => Object.keys(shape),
);
