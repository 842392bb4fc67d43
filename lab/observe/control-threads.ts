import { request } from 'undici';
import { isProcessCounters, type MemoryKills, type ProcessCounters } from '../../model/wire.ts';

/** The kills for memory that the latest process of a deployment counted when it started; `null`: without a memory limit. */
export function memoryKillsIn(processes: readonly ProcessCounters[]): MemoryKills | null {
  const kills = processes.flatMap(({ memoryKills }) => memoryKills ?? []);
  return kills.sort((one, other) => other.count - one.count)[0] ?? null;
}

/** What all workers of a deployment have completed, and hold now. */
export function totalsOf(processes: readonly ProcessCounters[]): { completed: number; inProgress: number } {
  const workers = processes.flatMap(process => process.workers);
  return {
    completed: workers.reduce((sum, { completed }) => sum + completed, 0),
    inProgress: workers.reduce((sum, { inProgress }) => sum + inProgress, 0),
  };
}

/** Requests that each worker of a deployment holds now, by its name. */
export function heldIn(processes: readonly ProcessCounters[]): Map<string, number> {
  const workers = processes.flatMap(process => process.workers);
  return new Map(workers.map(({ name, inProgress }) => [name, inProgress]));
}

/** What a control thread's answer says of its process. */
export function processIn(answer: string): ProcessCounters {
  const counters: unknown = JSON.parse(answer);
  if (isProcessCounters(counters)) return counters;
  throw new TypeError(`a control thread answered ${answer}`);
}

/** Asks the control threads of a deployment's processes what their workers count; a blocked worker cannot be asked itself. */
export async function readControlThreads(controlPorts: readonly number[]): Promise<ProcessCounters[]> {
  return Promise.all(
    controlPorts.map(async port => {
      const { body } = await request(`http://127.0.0.1:${port}/counters`, { headersTimeout: 2000, bodyTimeout: 2000 });
      return processIn(await body.text());
    }),
  );
}
