import type { RequestListener } from 'node:http';
import { problem } from '../../model/contract/problem.ts';
import { type Answer, problemAnswer } from '../answer.ts';
import type { NonBlockingDatabaseOptions } from '../database/non-blocking.ts';
import type { Operation, RequestTiming } from '../database/operation.ts';
import type { Exchange } from '../exchange.ts';
import { handlers, type ServiceRequest } from '../handlers.ts';
import type { Log } from '../log.ts';

/** What an app is given to answer with. */
export interface AppContext<Database> {
  /** As the worker names itself in `x-worker`; `undefined`: its answers say neither that nor how long they took. */
  readonly worker: string | undefined;
  readonly database: Database;
  readonly log: Log;
}

/** An app, ready to be served. */
export type App = RequestListener;

/** Does a request's work; its time in the database is added to the exchange's `timing`. */
export type Serve = (request: ServiceRequest, exchange: Exchange) => Answer | Promise<Answer>;

interface Database {
  run(operation: Operation<Answer>, timing: RequestTiming): Answer | Promise<Answer>;
  close(): void | Promise<void>;
}

/** What the file of an app exports: the app, and its kind of database. */
export interface AppModule {
  createApp(context: AppContext<Database>): App | Promise<App>;
  openDatabase(options: NonBlockingDatabaseOptions): Database;
}

/** Goes nowhere: the connection of an abandoned request is closed. */
const unsent = problemAnswer(problem(408, 'The client has gone.'));

function begin(request: ServiceRequest) {
  return handlers[request.route](request);
}

/**
 * Begins a request's work, and gives the database what is left for it. The work of an abandoned request is not begun, and
 * not taken to the database once a connection is free.
 */
export function serveWith(database: Database): Serve {
  return (request, exchange) => {
    if (exchange.dropIfAbandoned()) return unsent;
    const begun = begin(request);
    return 'status' in begun ? begun : database.run(unlessAbandoned(begun, exchange), exchange.timing);
  };
}

/** Throws nothing: the connection that it is given stays good for others. */
function* unlessAbandoned(operation: Operation<Answer>, exchange: Exchange): Operation<Answer> {
  return exchange.dropIfAbandoned() ? unsent : yield* operation;
}
