import type { Component } from '../experiment/trial-result.ts';
import type { Bytes, Seconds } from '../experiment/units.ts';

/** What a runtime can read of a running deployment; everything is counted since the start, so that two readings make a difference. */
export interface Observer {
  read(): Promise<Reading>;
  /** Memory of each component now. */
  memory(): Promise<Record<Component, Bytes>>;
}

export interface Reading {
  /** Of a clock that only moves forward. */
  readonly time: Seconds;
  /** CPU seconds of each component. */
  readonly cpu: Record<Component, Seconds>;
  readonly machine: { readonly busy: Seconds; readonly total: Seconds; readonly steal: Seconds };
  /** Process ids of the workers. */
  readonly processes: readonly number[];
  readonly workers: readonly WorkerReading[];
}

/** One worker, as its control thread sees it. */
export interface WorkerReading {
  readonly name: string;
  /** Requests that it holds now; not those that wait in its socket while it is blocked. */
  readonly inProgress: number;
  readonly completed: number;
  readonly busy: Seconds;
  readonly databaseWait: Seconds;
  readonly connectionsHeld: Seconds;
  readonly databaseConnections: number;
}
