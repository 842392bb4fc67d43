import { isIP, type Socket } from 'node:net';
import { Client, DatabaseError } from 'pg';
import { limits } from '../../model/limits.ts';
import { connectFailureOf, failureOf } from './failure.ts';
import { type DatabaseHealth, SUSPECT_AFTER } from './health.ts';
import { socketWith } from './name-lookup.ts';
import { DatabaseAwayError, type Row, type Statement } from './operation.ts';

/** Values as the text that Postgres sent. */
const asText = { getTypeParser: () => (value: string) => value };

/** One connection through pg, with one statement in flight at a time. */
export class PgConnection {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #health: DatabaseHealth;
  /** Of the address that it is connected to. */
  readonly #moves: number;
  #usable = true;
  #waiting = false;
  /** When the latest wait began, on performance.now()'s clock, and its deadline in seconds. */
  #waitingSince = 0;
  #deadline = 0;

  constructor(url: string, health: DatabaseHealth) {
    this.#health = health;
    const { moves, address } = health;
    this.#moves = moves;
    this.#socket = socketWith(async () => [{ address, family: isIP(address) }]);
    this.#client = new Client({
      connectionString: url,
      idle_in_transaction_session_timeout: limits.database.silence * 1000,
      stream: () => this.#socket,
    });
    // What breaks the connection also rejects the query in flight.
    this.#client.on('error', () => {
      this.#usable = false;
    });
    this.#client.on('end', () => {
      this.#usable = false;
    });
  }

  get isUsable(): boolean {
    return this.#usable && this.#moves === this.#health.moves;
  }

  /**
   * Connects to the address where the database is healthy; rejects with `TooManyConnectionsError` when it has no
   * connection left, and with `DatabaseAwayError` when connecting fails otherwise or takes longer than `deadline` seconds.
   */
  async connect(deadline: number): Promise<void> {
    this.#beginWait(deadline);
    try {
      await this.#client.connect();
    } catch (error) {
      this.destroy();
      const sqlState = error instanceof DatabaseError ? error.code : undefined;
      this.#health.refused(sqlState);
      throw connectFailureOf(messageOf(error), sqlState, error);
    } finally {
      this.#waiting = false;
    }
  }

  /** The rows of a statement, which is prepared here the first time. */
  rowsOf({ name, text, values, expected = 0 }: Statement): Promise<Row[]> {
    this.#beginWait(expected + limits.database.statement);
    return new Promise((resolve, reject) => {
      this.#client.query<Row>({ name, text, values: [...values], types: asText }, (error, answer) => {
        this.#waiting = false;
        if (error) reject(this.#failure(error));
        else resolve(answer.rows);
      });
    });
  }

  /** Breaks off a wait that is over its deadline, or whose database is away. */
  look(): void {
    if (!this.#waiting) return;
    const waited = (performance.now() - this.#waitingSince) / 1000;
    if (this.#health.state === 'away') this.destroy(new DatabaseAwayError('the database went away'));
    else if (waited > this.#deadline) {
      this.destroy(new DatabaseAwayError(`the database did not answer within ${this.#deadline} s`));
    } else if (waited > SUSPECT_AFTER) this.#health.suspect();
  }

  /** Closes the connection at once; what is in flight is rejected with `reason`. */
  destroy(reason?: Error): void {
    this.#usable = false;
    this.#socket.destroy(reason);
  }

  #beginWait(deadline: number): void {
    this.#waiting = true;
    this.#waitingSince = performance.now();
    this.#deadline = deadline;
  }

  #failure(error: unknown): Error {
    if (error instanceof DatabaseAwayError) return error;
    const sqlState = error instanceof DatabaseError ? error.code : undefined;
    if (sqlState === undefined) this.#health.suspect();
    return failureOf(messageOf(error), sqlState, error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
