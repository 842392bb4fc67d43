import { DatabaseAwayError, TooManyConnectionsError } from './operation.ts';

/** The SQLSTATE of a server with as many connections as it allows. */
const TOO_MANY_CONNECTIONS = '53300';

/**
 * SQLSTATEs, or classes of them, that mean "not now": connection, ended for its silence, resources, cancelled by an
 * operator, rolled back to be repeated.
 */
const notNow = ['08', '25P03', '40', '53', '57', '58'];

/** What the SQLSTATE of a refused connection says of the database; `undefined`: nothing. */
export function stateAfterRefusal(sqlState: string | undefined): 'away' | 'full' | undefined {
  if (sqlState === TOO_MANY_CONNECTIONS) return 'full';
  // Its database is closed to all, or the server is starting or stopping.
  return sqlState === '55000' || sqlState === '57P03' ? 'away' : undefined;
}

/** A statement that Postgres refused: a mistake in the statement or in its values. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
}

/** What went wrong with a statement or a connection; without a SQLSTATE it was the connection. */
export function failureOf(message: string, sqlState: string | undefined, cause?: unknown): Error {
  const text = message.trim();
  if (sqlState === undefined) return new DatabaseAwayError(text, { cause });
  const told = `${text} (SQLSTATE ${sqlState})`;
  if (sqlState === TOO_MANY_CONNECTIONS) return new TooManyConnectionsError(told, { cause });
  return notNow.some(start => sqlState.startsWith(start))
    ? new DatabaseAwayError(told, { cause })
    : new StatementError(told, { cause });
}

/** Why there is no connection, whatever the server said to a new client. */
export function connectFailureOf(message: string, sqlState: string | undefined, cause?: unknown): Error {
  return failureOf(message, sqlState === TOO_MANY_CONNECTIONS ? sqlState : undefined, cause);
}

/** Why no connection may be opened in this state of the database; `undefined` when one may. */
export function obstacleIn(state: 'ok' | 'away' | 'full'): Error | undefined {
  if (state === 'away') return new DatabaseAwayError('the database is away');
  if (state === 'full') return new TooManyConnectionsError('the database has too many connections');
  return undefined;
}
