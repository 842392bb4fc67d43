import type { ErrorKind } from '../../model/wire.ts';

/** How a request ended. */
export interface Ending {
  /** Absent: it succeeded. `not-sent`: the generator had no connection left. */
  readonly error?: ErrorKind | 'not-sent';
  /** Seconds that its connection took from beginning to last byte; absent when there was no answer. */
  readonly fromSend?: number;
}

/** How a request ended that was answered with `status`. */
export function answered(status: number, fromSend: number): Ending {
  if (status < 400) return { fromSend };
  if (status < 500) return { fromSend, error: 'status-4xx' };
  return { fromSend, error: status === 503 || status === 504 ? `status-${status}` : 'status-5xx' };
}

/** How a request ended whose answer never came: what went wrong, after how many of the seconds that it had. */
export function unanswered(reason: string, after: number, timeLimit: number): Ending {
  if (outOfConnections.test(reason)) return { error: 'not-sent' };
  return { error: after >= timeLimit ? 'timeout' : 'connection' };
}

/** Whether there was no answer of any status: then the time limit counts as the response time. */
export function isUnanswered(error: ErrorKind | undefined): boolean {
  return error === 'timeout' || error === 'connection';
}

/** What the system says to a generator that has no file or port left: its own limit, not the service's. */
const outOfConnections = /too many open files|cannot assign requested address/;
