import type { LoggedRequest } from './logged-request.ts';
import type { TargetChange } from './target-changes.ts';

/** What a worker did between two looks at its counters; one that is gone did nothing. */
export interface WorkerInterval {
  readonly worker: string;
  /** Seconds. */
  readonly duration: number;
  /** Seconds for which its thread was not idle: it computed, or was blocked in a wait. */
  readonly busy: number;
  /** Seconds for which its database connections were in use, added up. */
  readonly connectionsHeld: number;
  /** Database connections that it may have. */
  readonly connections: number;
  /** Requests that it held at the interval's end. */
  readonly inProgress: number;
}

/** What a process used between two looks at it; one that is gone used nothing. */
export interface ProcessInterval {
  /** Its place in its deployment, from 1. */
  readonly process: number;
  readonly endedAt: number;
  /** Seconds. */
  readonly duration: number;
  /** CPU seconds. */
  readonly cpu: number;
}

/** Counts what happens to one deployment. */
export interface Follower {
  logged(request: LoggedRequest): void;
  reported(change: TargetChange): void;
  worked(interval: WorkerInterval): void;
  used(interval: ProcessInterval): void;
}
