/** One statement, prepared on each connection under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** As text, as they go over the wire. */
  readonly values: readonly string[];
  /** Seconds that the statement takes by itself when all is well (`pg_sleep`): its deadline comes after them. */
  readonly expected?: number;
}

/** Columns by name, as text: both drivers hand over exactly what Postgres sent. */
export type Row = Readonly<Record<string, string | null>>;

/**
 * One piece of work on one connection: it yields statements, is handed their rows, and returns what came of it.
 * It is written once; whether a thread blocks or a task waits for each statement is up to the database that runs it.
 */
export type Operation<T> = Generator<Statement, T, readonly Row[]>;

/** Seconds that a request spent in the database, added up by the database that serves it. */
export interface RequestTiming {
  database: number;
}

/** Runs operations by blocking the calling thread on its one connection. */
export interface BlockingDatabase {
  /**
   * Throws `DatabaseAwayError` when the database cannot be reached or does not answer in time, and
   * `TooManyConnectionsError` when it refuses the connection for that.
   */
  run<T>(operation: Operation<T>, timing: RequestTiming): T;
  close(): void;
}

/** Runs operations as tasks, each on a connection of a pool, one query at a time on each connection. */
export interface NonBlockingDatabase {
  /**
   * Rejects with `DatabaseAwayError` when the database cannot be reached or does not answer in time, with
   * `TooManyConnectionsError` when it refuses every connection for that, and with `DatabaseBusyError` when others have
   * all connections of the pool for too long.
   */
  run<T>(operation: Operation<T>, timing: RequestTiming): Promise<T>;
  close(): Promise<void>;
}

/** The database cannot be reached or does not answer in time: 503, come back later. */
export class DatabaseAwayError extends Error {
  override readonly name = 'DatabaseAwayError';
}

/** The server has as many connections as it allows: 503, come back later. */
export class TooManyConnectionsError extends Error {
  override readonly name = 'TooManyConnectionsError';
}

/** All connections were taken for too long: 503, come back later. */
export class DatabaseBusyError extends Error {
  override readonly name = 'DatabaseBusyError';
}
