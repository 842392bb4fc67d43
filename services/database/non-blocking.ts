import { limits } from '../../model/limits.ts';
import type { Counters } from '../counters.ts';
import { obstacleIn } from './failure.ts';
import { type DatabaseHealth, LOOK_EVERY } from './health.ts';
import {
  DatabaseAwayError,
  DatabaseBusyError,
  type NonBlockingDatabase,
  type Operation,
  type RequestTiming,
  type Row,
} from './operation.ts';
import { PgConnection } from './pg-connection.ts';
import { Pool } from './pool.ts';

export interface NonBlockingDatabaseOptions {
  readonly url: string;
  readonly health: DatabaseHealth;
  /** `databaseConnections` is the most connections that may be open; it is obeyed while it changes. */
  readonly counters: Counters;
}

/** Seconds between two looks for connections that ended, or that a lower limit no longer allows. */
const TIDY_EVERY = 0.5;

/**
 * A database on a pool of connections, for operations as tasks. `database` in a request's timing is the time from
 * sending each statement to having its rows; waiting for a connection, or for one to be made, is not in it.
 */
export function openNonBlockingDatabase({ url, health, counters }: NonBlockingDatabaseOptions): NonBlockingDatabase {
  const pool = new Pool<PgConnection>({
    limit: () => (closed ? 0 : counters.get('databaseConnections')),
    mayOpen: () => health.state !== 'full',
    open,
    isUsable: connection => connection.isUsable,
    close: connection => connection.destroy(),
    onOpenChange: open => counters.set('connectionsOpen', open),
  });
  const attended = new Set<PgConnection>();
  let looker: NodeJS.Timeout | undefined;
  let closed = false;
  const tidier = setInterval(() => pool.tidy(), TIDY_EVERY * 1000).unref();

  async function open(): Promise<PgConnection> {
    const start = performance.now();
    const obstacle = obstacleIn(await health.awaitDecision());
    if (obstacle) throw obstacle;
    const connection = new PgConnection(url, health);
    attend(connection);
    try {
      await connection.connect(limits.database.connect - (performance.now() - start) / 1000);
      return connection;
    } finally {
      attended.delete(connection);
    }
  }

  /** Has the connection looked at, for its deadlines and the database's health, while it is being made or in use. */
  function attend(connection: PgConnection): void {
    attended.add(connection);
    // An answer that came while this thread was busy is read before the immediate.
    looker ??= setInterval(() => setImmediate(look), LOOK_EVERY * 1000);
  }

  function look(): void {
    if (health.state === 'away') pool.rejectWaiting(new DatabaseAwayError('the database went away'));
    else pool.rejectWaiting(new DatabaseBusyError('no connection was free in time'), limits.database.acquire);
    for (const connection of attended) connection.look();
    if (attended.size > 0) return;
    clearInterval(looker);
    looker = undefined;
  }

  async function run<T>(operation: Operation<T>, timing: RequestTiming): Promise<T> {
    if (closed) throw new DatabaseAwayError('the database was closed');
    const { state } = health;
    if (state === 'away') throw obstacleIn(state);
    const asked = performance.now();
    const connection = await pool
      .acquire()
      .finally(() => counters.add('connectionWait', (performance.now() - asked) / 1000));
    attend(connection);
    const start = performance.now();
    let waited = 0;
    counters.add('connectionsInUse', 1);
    let done = false;
    try {
      let step = operation.next([]);
      while (!step.done) {
        const sent = performance.now();
        let rows: readonly Row[];
        try {
          rows = await connection.rowsOf(step.value);
        } finally {
          waited += (performance.now() - sent) / 1000;
        }
        step = operation.next(rows);
      }
      done = true;
      return step.value;
    } finally {
      attended.delete(connection);
      timing.database += waited;
      counters.add('databaseWait', waited);
      counters.add('connectionsHeld', (performance.now() - start) / 1000);
      counters.add('connectionsInUse', -1);
      // Without its end an operation may be in mid-transaction, or its connection still owe an answer.
      if (done) pool.release(connection);
      else pool.discard(connection);
    }
  }

  async function close(): Promise<void> {
    closed = true;
    clearInterval(tidier);
    const reason = new DatabaseAwayError('the database was closed');
    pool.rejectWaiting(reason);
    pool.tidy();
    for (const connection of attended) connection.destroy(reason);
  }

  return { run, close };
}
