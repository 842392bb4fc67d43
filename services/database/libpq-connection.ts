import { limits } from '../../model/limits.ts';
import { connectFailureOf, failureOf } from './failure.ts';
import { type DatabaseHealth, LOOK_EVERY, SUSPECT_AFTER } from './health.ts';
import {
  COMMAND_OK,
  CONNECTION_OK,
  DEFAULT_MESSAGES,
  type Libpq,
  loadLibpq,
  POLLING_FAILED,
  POLLING_OK,
  POLLING_READING,
  type Pointer,
  SQL_STATE,
  TUPLES_OK,
  VERBOSE_MESSAGES,
  wasInterrupted,
} from './libpq.ts';
import { DatabaseAwayError, type Row, type Statement } from './operation.ts';

/** One connection through libpq, on which every call blocks the thread, but never for longer than its deadline. */
export class LibpqConnection {
  readonly #libpq: Libpq;
  readonly #connection: Pointer;
  readonly #health: DatabaseHealth;
  /** Of the address that it is connected to. */
  readonly #moves: number;
  /** Columns of each statement that is prepared here; `undefined` until its first rows. */
  readonly #prepared = new Map<string, readonly string[] | undefined>();

  /**
   * Connects to the address where the database is healthy; throws `TooManyConnectionsError` when it has no connection
   * left, and `DatabaseAwayError` when connecting fails otherwise or takes longer than `deadline` seconds.
   */
  static open(url: string, health: DatabaseHealth, deadline: number, path?: string): LibpqConnection {
    const { libpq, ignoreNotice } = loadLibpq(path);
    const { moves, address } = health;
    const pointer = libpq.PQconnectStart(withDefaults(url, address));
    if (pointer === null) throw new DatabaseAwayError('libpq has no memory for a connection');
    libpq.PQsetNoticeReceiver(pointer, ignoreNotice, null);
    const connection = new LibpqConnection(libpq, pointer, health, moves);
    try {
      connection.#connect(deadline);
      return connection;
    } catch (error) {
      const sqlState = connection.#sqlState;
      health.refused(sqlState);
      connection.close();
      throw connectFailureOf(error instanceof Error ? error.message : String(error), sqlState, error);
    }
  }

  private constructor(libpq: Libpq, connection: Pointer, health: DatabaseHealth, moves: number) {
    this.#libpq = libpq;
    this.#connection = connection;
    this.#health = health;
    this.#moves = moves;
  }

  /** Whether the server still holds its end: what comes on an idle connection is a notice or a farewell. */
  get isUsable(): boolean {
    if (this.#moves !== this.#health.moves) return false;
    const { PQsocketPoll, PQsocket, PQconsumeInput, PQstatus } = this.#libpq;
    while (PQsocketPoll(PQsocket(this.#connection), 1, 0, 0) > 0) {
      if (PQconsumeInput(this.#connection) === 0) return false;
    }
    return PQstatus(this.#connection) === CONNECTION_OK;
  }

  /** The rows of a statement, which is prepared here the first time. */
  rowsOf(statement: Statement): Row[] {
    const { name, text, values, expected = 0 } = statement;
    if (!this.#prepared.has(name)) {
      const sent = this.#libpq.PQsendPrepare(this.#connection, name, text, 0, null);
      this.#read(sent, limits.database.statement, () => undefined);
      this.#prepared.set(name, undefined);
    }
    const sent = this.#libpq.PQsendQueryPrepared(
      this.#connection,
      name,
      values.length,
      values.length === 0 ? null : values,
      null,
      null,
      0,
    );
    return this.#read(sent, expected + limits.database.statement, result => this.#rows(name, result));
  }

  /** Closes the connection; nothing of it may be used afterwards. */
  close(): void {
    this.#libpq.PQfinish(this.#connection);
  }

  #connect(deadline: number): void {
    const { PQstatus, PQconnectPoll, PQsetErrorVerbosity, PQsetnonblocking } = this.#libpq;
    const wait = this.#waiter(deadline);
    PQsetErrorVerbosity(this.#connection, VERBOSE_MESSAGES);
    if (PQstatus(this.#connection) !== CONNECTION_OK && this.#socket < 0) throw this.#saidFailure();
    // libpq asks for a first wait until it can write.
    for (let poll = -1; poll !== POLLING_OK; poll = PQconnectPoll(this.#connection)) {
      if (poll === POLLING_FAILED) throw this.#saidFailure();
      wait(poll === POLLING_READING ? 'read' : 'write');
    }
    PQsetErrorVerbosity(this.#connection, DEFAULT_MESSAGES);
    PQsetnonblocking(this.#connection, 1);
  }

  /** What the server said to a newcomer; libpq keeps nothing but its message: `… failed: FATAL:  55000: database …`. */
  get #sqlState(): string | undefined {
    return / {2}([0-9A-Z]{5}): /.exec(this.#libpq.PQerrorMessage(this.#connection))?.[1];
  }

  /** Waits for the answer to what was sent, hands it to `convert`, and frees it whatever comes of it. */
  #read<T>(sent: number, deadline: number, convert: (result: Pointer) => T): T {
    if (sent === 0) throw this.#connectionFailure();
    const { PQgetResult, PQclear } = this.#libpq;
    const wait = this.#waiter(deadline);
    this.#flush(wait);
    this.#fill(wait);
    const result = PQgetResult(this.#connection);
    if (result === null) throw this.#connectionFailure();
    try {
      this.#check(result);
      const converted = convert(result);
      this.#fill(wait);
      // A statement has one result; the null after it makes the connection ready for the next.
      const rest = PQgetResult(this.#connection);
      if (rest !== null) {
        PQclear(rest);
        throw new DatabaseAwayError('the database sent more than one result');
      }
      return converted;
    } finally {
      PQclear(result);
    }
  }

  #flush(wait: (what: 'read' | 'write' | 'either') => void): void {
    const { PQflush, PQconsumeInput } = this.#libpq;
    for (let left = PQflush(this.#connection); left !== 0; left = PQflush(this.#connection)) {
      if (left < 0) throw this.#connectionFailure();
      wait('either');
      if (PQconsumeInput(this.#connection) === 0) throw this.#connectionFailure();
    }
  }

  #fill(wait: (what: 'read') => void): void {
    const { PQisBusy, PQconsumeInput } = this.#libpq;
    while (PQisBusy(this.#connection) === 1) {
      wait('read');
      if (PQconsumeInput(this.#connection) === 0) throw this.#connectionFailure();
    }
  }

  /** A function that blocks until the socket is ready, in slices between which it looks at deadline and health. */
  #waiter(deadline: number): (what: 'read' | 'write' | 'either') => void {
    const start = performance.now();
    return what => {
      for (;;) {
        const end = (Date.now() + LOOK_EVERY * 1000) * 1000;
        const ready = this.#libpq.PQsocketPoll(this.#socket, what === 'write' ? 0 : 1, what === 'read' ? 0 : 1, end);
        if (ready > 0) return;
        if (ready < 0 && !wasInterrupted()) throw this.#connectionFailure();
        const waited = (performance.now() - start) / 1000;
        if (this.#health.state === 'away') throw new DatabaseAwayError('the database went away');
        if (waited > SUSPECT_AFTER) this.#health.suspect();
        if (waited > deadline) throw new DatabaseAwayError(`the database did not answer within ${deadline} s`);
      }
    };
  }

  get #socket(): number {
    return this.#libpq.PQsocket(this.#connection);
  }

  #check(result: Pointer): void {
    const { PQresultStatus, PQresultErrorMessage, PQresultErrorField } = this.#libpq;
    const status = PQresultStatus(result);
    if (status === TUPLES_OK || status === COMMAND_OK) return;
    throw failureOf(PQresultErrorMessage(result), PQresultErrorField(result, SQL_STATE) ?? undefined);
  }

  #rows(name: string, result: Pointer): Row[] {
    const { PQntuples, PQnfields, PQfname, PQgetvalue, PQgetisnull } = this.#libpq;
    const columns =
      this.#prepared.get(name) ?? Array.from({ length: PQnfields(result) }, (_, column) => PQfname(result, column));
    this.#prepared.set(name, columns);
    return Array.from({ length: PQntuples(result) }, (_, row) => {
      const values: Record<string, string | null> = {};
      for (const [column, columnName] of columns.entries()) {
        const value = PQgetvalue(result, row, column);
        values[columnName] = value === '' && PQgetisnull(result, row, column) === 1 ? null : value;
      }
      return values;
    });
  }

  #connectionFailure(): Error {
    this.#health.suspect();
    return this.#saidFailure();
  }

  #saidFailure(): Error {
    return failureOf(this.#libpq.PQerrorMessage(this.#connection), undefined);
  }
}

/** The URL with what both drivers must agree on, which it may say itself, and with the address of its name: libpq looks none up. */
function withDefaults(given: string, address: string): string {
  const url = new URL(given);
  url.searchParams.set('hostaddr', address);
  const defaults = {
    client_encoding: 'UTF8',
    gssencmode: 'disable',
    sslmode: 'disable',
    // Without the usual space: libpq would read its "+" as it is.
    options: `-cidle_in_transaction_session_timeout=${limits.database.silence * 1000}`,
  };
  for (const [name, value] of Object.entries(defaults)) {
    if (!url.searchParams.has(name)) url.searchParams.set(name, value);
  }
  return url.href;
}
