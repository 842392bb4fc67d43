import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Topology } from '../model/topology.ts';

const count = z.int().min(1).max(1024);

/** What a topology file may say; its name is that of the file. */
const topologyFile = z.strictObject({
  shows: z.string().min(1).describe('One phrase: what this topology demonstrates.'),
  app: z
    .string()
    .regex(/^[a-z][a-z-]*$/)
    .describe('The program of the reference service that its workers run: a file of services/apps/.'),
  port: z
    .int()
    .min(1024)
    .max(65_535)
    .describe('The port that it is published on, 8081 to 8092 in docker-compose.yml; tables list topologies by it.'),
  listen: z
    .enum(['thread', 'process', 'replica'])
    .describe('What has a port of its own, which is one `server` of nginx. replica: its processes share one.'),
  concurrencyLimit: z
    .union([count, z.enum(['threads', 'none'])])
    .describe('Requests that one process serves at once. threads: one for each of its threads.'),
  cpusPerProcess: z
    .union([z.literal(1), z.enum(['threads', 'all'])])
    .describe('CPUs that one process can keep busy. An event loop or a global interpreter lock: 1.'),
  keepAlive: z.boolean().default(true).describe("Whether it keeps nginx's connections."),
  sizes: z
    .strictObject({
      processes: z
        .union([count, z.literal('per-cpu')])
        .optional()
        .describe('How many unless chosen; absent: always one.'),
      threads: count.optional().describe('Threads of each process unless chosen; absent: always one.'),
      databaseConnections: z
        .union([count, z.literal('per-slot')])
        .optional()
        .describe('Of the whole deployment unless chosen. per-slot: one for each request that it serves at once.'),
    })
    .describe('Sizes that may be varied, with their defaults.'),
});

/** The schema of a topology file for editors. */
export function topologyJsonSchema(): object {
  return z.toJSONSchema(topologyFile, { io: 'input' });
}

/** The topologies that the YAML files of a folder describe, by their ports. Throws where a file is not one. */
export function readTopologies(folder: string): Topology[] {
  const topologies = globSync('*.yaml', { cwd: folder })
    .map(file => readTopology(folder, file))
    .sort((one, other) => one.port - other.port);
  const ports = topologies.map(({ port }) => port);
  const twice = topologies.find(({ port }, index) => ports.indexOf(port) < index);
  if (twice !== undefined) {
    const same = topologies.filter(({ port }) => port === twice.port).map(({ name }) => `${name}.yaml`);
    throw new Error(`${same.join(' and ')} have the same port, ${twice.port}: ${Math.max(...ports) + 1} is free`);
  }
  return topologies;
}

function readTopology(folder: string, file: string): Topology {
  const { success, data, error } = topologyFile.safeParse(parse(readFileSync(join(folder, file), 'utf8')));
  if (!success) throw new Error(`${file}: ${z.prettifyError(error)}`);
  const { sizes, ...facts } = data;
  return { name: basename(file, '.yaml'), ...facts, sizes: sizes as Topology['sizes'] };
}
