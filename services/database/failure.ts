import { DatabaseAwayError } from './operation.ts';

/**
 * SQLSTATEs, or classes of them, that mean "not now": connection, ended for its silence, resources, cancelled by an
 * operator, rolled back to be repeated.
 */
const notNow = ['08', '25P03', '40', '53', '57', '58'];

/** Whether a server that answers a newcomer so takes nobody: its database is closed to all, or it is starting or stopping. */
export function takesNobody(sqlState: string | undefined): boolean {
  return sqlState === '55000' || sqlState === '57P03';
}

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
