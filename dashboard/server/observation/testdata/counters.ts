import type { ProcessCounters, WorkerCounters } from '../control-threads.ts';

/** A worker that did nothing, but for what is given. */
export function workerCounters(name: string, given: Partial<WorkerCounters> = {}): WorkerCounters {
  return {
    name,
    inProgress: 0,
    connectionsInUse: 0,
    databaseConnections: 20,
    databaseWait: 0,
    connectionsHeld: 0,
    busy: 0,
    ...given,
  };
}

/** A process of these workers. */
export function processCounters(pid: number, ...workers: readonly WorkerCounters[]): ProcessCounters {
  return { pid, workers: [...workers] };
}
