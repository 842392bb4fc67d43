import { limits } from '../../model/limits.ts';
import type { Counters } from '../counters.ts';
import { obstacleIn } from './failure.ts';
import type { DatabaseHealth } from './health.ts';
import { LibpqConnection } from './libpq-connection.ts';
import {
  type BlockingDatabase,
  DatabaseAwayError,
  type Operation,
  type RequestTiming,
  type Row,
  TooManyConnectionsError,
} from './operation.ts';

interface BlockingDatabaseOptions {
  readonly url: string;
  readonly health: DatabaseHealth;
  readonly counters: Counters;
  /** The file or library name of libpq, where the default is not the right one. */
  readonly libpq?: string | undefined;
}

/**
 * A database on one connection whose operations block the calling thread. It connects at once if it can, and again
 * whenever an operation finds it without a connection. `database` in a request's timing is the time from sending each
 * statement to having its rows; connecting is not in it.
 */
export function openBlockingDatabase({ url, health, counters, libpq }: BlockingDatabaseOptions): BlockingDatabase {
  let connection: LibpqConnection | undefined;

  function connected(): LibpqConnection {
    const { state } = health;
    if (state === 'away') throw obstacleIn(state);
    if (connection?.isUsable === false) drop();
    if (connection !== undefined) return connection;
    const start = performance.now();
    const obstacle = obstacleIn(health.awaitDecisionBlocking());
    if (obstacle) throw obstacle;
    const left = limits.database.connect - (performance.now() - start) / 1000;
    connection = LibpqConnection.open(url, health, left, libpq);
    counters.set('connectionsOpen', 1);
    return connection;
  }

  function drop(): void {
    connection?.close();
    connection = undefined;
    counters.set('connectionsOpen', 0);
  }

  function run<T>(operation: Operation<T>, timing: RequestTiming): T {
    const asked = performance.now();
    const held = connected();
    const start = performance.now();
    counters.add('connectionWait', (start - asked) / 1000);
    let waited = 0;
    counters.set('connectionsInUse', 1);
    try {
      let step = operation.next([]);
      while (!step.done) {
        const sent = performance.now();
        let rows: readonly Row[];
        try {
          rows = held.rowsOf(step.value);
        } finally {
          waited += (performance.now() - sent) / 1000;
        }
        step = operation.next(rows);
      }
      return step.value;
    } catch (error) {
      // It may be in mid-transaction or still owe an answer.
      drop();
      throw error;
    } finally {
      timing.database += waited;
      counters.add('databaseWait', waited);
      counters.add('connectionsHeld', (performance.now() - start) / 1000);
      counters.set('connectionsInUse', 0);
    }
  }

  try {
    connected();
  } catch (error) {
    if (!(error instanceof DatabaseAwayError || error instanceof TooManyConnectionsError)) throw error;
  }
  return { run, close: drop };
}
