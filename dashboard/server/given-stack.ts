import { z } from 'zod';
import { refusalOf } from '../../model/deployment.ts';
import type { Topology } from '../../model/topology.ts';
import type { Stack } from './parts.ts';

/** The stack that a JSON text describes, without its database; a sentence where it cannot be. */
export function givenStack(text: string): Omit<Stack, 'databaseUrl'> | string {
  const parsed = stackSchema.safeParse(jsonIn(text));
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    return `is wrong at ${first?.path.join('.') || 'its top'}: ${first?.message}`;
  }
  const { deployments } = parsed.data;
  for (const [index, { deployment, controls }] of deployments.entries()) {
    const { topology, processes } = deployment;
    const refusal = refusalOf(deployment);
    if (refusal !== undefined) return `cannot be: ${refusal}`;
    if (controls.length !== processes)
      return `has ${controls.length} controls for ${processes} processes of ${topology}`;
    if (deployments.findIndex(other => other.deployment.topology === topology) < index) return `has ${topology} twice`;
  }
  return parsed.data;
}

const port = z.int().min(1).max(65_535);
const address = z.url({ protocol: /^http$/ });
const deployment = z.strictObject({
  topology: z.string(),
  spec: z.custom<Topology>(value => typeof value === 'object' && value !== null),
  processes: z.int(),
  threadsPerProcess: z.int(),
  databaseConnections: z.int(),
});
const stackSchema = z.strictObject({
  deployments: z
    .array(z.strictObject({ deployment, target: address, nginxPort: port, controls: z.array(address) }))
    .min(1),
  requestLog: z.string().min(1),
});

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
