import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Counters } from '../../counters.ts';
import { DatabaseHealth } from '../health.ts';
import type { Operation } from '../operation.ts';
import type { ServedQueries } from './served-queries.ts';

/** Each kind of database. */
export const kinds = ['blocking', 'non-blocking'] as const;
export type Kind = (typeof kinds)[number];

/** How a query ended; times in seconds, as the thread that ran it measured them. */
export type QueryOutcome<T> =
  | { readonly value: T; readonly database: number; readonly took: number }
  | { readonly failure: Error; readonly name: string; readonly took: number };

type Asked<Q extends keyof ServedQueries> = ServedQueries[Q] extends (...parameters: never) => Operation<infer T>
  ? T
  : never;

/** A thread with one database of its own, as a worker has; it is asked like a worker, from the thread that watches. */
export class DatabaseThread implements AsyncDisposable {
  readonly counters: Counters;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (answer: QueryOutcome<never>) => void>();
  #asked = 0;

  /** Returns when the database is open. */
  static async start(kind: Kind, url: string, health: SharedArrayBuffer, connections = 4): Promise<DatabaseThread> {
    const thread = new DatabaseThread(kind, url, health, connections);
    await once(thread.#worker, 'message');
    thread.#worker.on('message', ({ id, ...answer }) => thread.#waiting.get(id)?.(answer));
    return thread;
  }

  private constructor(kind: Kind, url: string, health: SharedArrayBuffer, connections: number) {
    const counters = new SharedArrayBuffer(Counters.BYTES);
    this.counters = new Counters(counters);
    this.counters.set('databaseConnections', connections);
    const workerData = { kind, url, health, counters };
    this.#worker = new Worker(new URL('serve-queries.ts', import.meta.url), { workerData });
  }

  /** How the query ended. */
  ask<Q extends keyof ServedQueries>(
    query: Q,
    ...parameters: Parameters<ServedQueries[Q]>
  ): Promise<QueryOutcome<Asked<Q>>> {
    const id = this.#asked++;
    return new Promise(resolve => {
      this.#waiting.set(id, resolve);
      this.#worker.postMessage({ id, query, parameters });
    });
  }

  /** The value of a query that must succeed. */
  async value<Q extends keyof ServedQueries>(query: Q, ...parameters: Parameters<ServedQueries[Q]>): Promise<Asked<Q>> {
    const answer = await this.ask(query, ...parameters);
    if ('failure' in answer) throw answer.failure;
    return answer.value;
  }

  /** Closes the database and ends the thread. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker.postMessage('close');
    await once(this.#worker, 'exit');
  }
}

/** Fresh memory for the health of a database. */
export function healthMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(DatabaseHealth.BYTES);
}
