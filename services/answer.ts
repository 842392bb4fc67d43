import {
  databaseAway,
  databaseBusy,
  internalError,
  PROBLEM_MEDIA_TYPE,
  type Problem,
  tooManyConnections,
} from '../model/contract/problem.ts';
import { DatabaseAwayError, DatabaseBusyError, TooManyConnectionsError } from './database/operation.ts';
import type { Log } from './log.ts';

/** What is answered to a request, before it is put into bytes. */
export interface Answer {
  readonly status: number;
  readonly mediaType: string;
  /** JSON text. */
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer that carries this value as JSON. */
export function json(status: number, value: object): Answer {
  return { status, mediaType: 'application/json', body: JSON.stringify(value) };
}

/** The answer that carries this problem. */
export function problemAnswer({ problem, headers = {} }: Problem): Answer {
  return { status: problem.status, mediaType: PROBLEM_MEDIA_TYPE, body: JSON.stringify(problem), headers };
}

/** The answer when a request's work threw: the client learns that the database is away, busy or full, and of anything else nothing. */
export function errorAnswer(error: unknown, log: Log): Answer {
  if (error instanceof DatabaseAwayError) return problemAnswer(databaseAway());
  if (error instanceof DatabaseBusyError) return problemAnswer(databaseBusy());
  if (error instanceof TooManyConnectionsError) return problemAnswer(tooManyConnections());
  log('error', 'request-failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return problemAnswer(internalError());
}
