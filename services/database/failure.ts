import { DatabaseAwayError } from './operation.ts';

/**
 * SQLSTATEs, or classes of them, that mean "not now": connection, ended for its silence, resources, cancelled by an
 * operator, rolled back to be repeated.
 */
const notNow = ['08', '25P03', '40', '53', '57', '58'];

/** A statement that Postgres refused: a mistake in the statement or in its values. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
}

/** What went wrong with a statement or a connection; without a SQLSTATE it was the connection. */
export function failureOf(message: string, sqlState: string | undefined, cause?: unknown): Error {
  const text = message.trim();
  if (sqlState === undefined) return new DatabaseAwayError(text, { cause });
  return notNow.some(start => sqlState.startsWith(start))
    ? new DatabaseAwayError(`${text} (SQLSTATE ${sqlState})`, { cause })
    : new StatementError(`${text} (SQLSTATE ${sqlState})`, { cause });
}
