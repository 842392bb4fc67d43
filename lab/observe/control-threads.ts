import { request } from 'undici';
import { z } from 'zod';

/** What a control thread tells of one worker, counted since the worker started; times in seconds. */
const workerSchema = z.object({
  name: z.string(),
  inProgress: z.number(),
  completed: z.number(),
  busy: z.number(),
  databaseWait: z.number(),
  connectionsHeld: z.number(),
  connectionWait: z.number(),
  databaseConnections: z.number(),
});

/** Processes of its container that the kernel had killed for memory when it started, and the container's limit in bytes. */
const memoryKillsSchema = z.object({ count: z.number(), limit: z.number() });

const processSchema = z.object({
  pid: z.number(),
  ready: z.boolean(),
  workers: z.array(workerSchema),
  memoryKills: memoryKillsSchema.optional(),
});

export type WorkerReading = z.infer<typeof workerSchema>;
export type ProcessReading = z.infer<typeof processSchema>;

/** The kills for memory that the latest process of a deployment counted when it started; `null`: without a memory limit. */
export function memoryKillsIn(processes: readonly ProcessReading[]): z.infer<typeof memoryKillsSchema> | null {
  const kills = processes.flatMap(({ memoryKills }) => memoryKills ?? []);
  return kills.sort((one, other) => other.count - one.count)[0] ?? null;
}

/** What all workers of a deployment have completed, and hold now. */
export function totalsOf(processes: readonly ProcessReading[]): { completed: number; inProgress: number } {
  const workers = processes.flatMap(process => process.workers);
  return {
    completed: workers.reduce((sum, { completed }) => sum + completed, 0),
    inProgress: workers.reduce((sum, { inProgress }) => sum + inProgress, 0),
  };
}

/** Requests that each worker of a deployment holds now, by its name. */
export function heldIn(processes: readonly ProcessReading[]): Map<string, number> {
  const workers = processes.flatMap(process => process.workers);
  return new Map(workers.map(({ name, inProgress }) => [name, inProgress]));
}

/** What a control thread's answer says of its process. */
export function processIn(answer: string): ProcessReading {
  return processSchema.parse(JSON.parse(answer));
}

/** Asks the control threads of a deployment's processes what their workers count; a blocked worker cannot be asked itself. */
export async function readControlThreads(controlPorts: readonly number[]): Promise<ProcessReading[]> {
  return Promise.all(
    controlPorts.map(async port => {
      const { body } = await request(`http://127.0.0.1:${port}/counters`, { headersTimeout: 2000, bodyTimeout: 2000 });
      return processIn(await body.text());
    }),
  );
}
