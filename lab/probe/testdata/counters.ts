import type { ProcessCounters, WorkerCounters } from '../../../model/wire.ts';

/** A worker that did nothing, but for what is given. */
export function workerCounters(name: string, given: Partial<WorkerCounters> = {}): WorkerCounters {
  return {
    name,
    port: 0,
    inProgress: 0,
    completed: 0,
    busy: 0,
    databaseWait: 0,
    connectionsInUse: 0,
    connectionsOpen: 0,
    connectionsHeld: 0,
    connectionWait: 0,
    databaseConnections: 20,
    ...given,
  };
}

/** A process of these workers. */
export function processCounters(pid: number, ...workers: readonly WorkerCounters[]): ProcessCounters {
  return { pid, ready: true, database: 'ok', workers };
}
