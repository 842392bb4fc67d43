import type { RequestListener } from 'node:http';
import type { Answer } from '../answer.ts';
import type { RequestTiming } from '../database/operation.ts';
import { handlers, type ServiceRequest } from '../handlers.ts';
import type { Log } from '../log.ts';

/** What an app is given to answer with. */
export interface AppContext<Database> {
  /** As the worker names itself in `x-worker`. */
  readonly worker: string;
  readonly database: Database;
  readonly log: Log;
}

/** An app, ready to be served. */
export type App = RequestListener;

/** Does a request's work; its time in the database is added to `timing`. */
export type Serve = (request: ServiceRequest, timing: RequestTiming) => Answer | Promise<Answer>;

type Database = {
  run(operation: ReturnType<typeof begin> & Generator, timing: RequestTiming): Answer | Promise<Answer>;
};

function begin(request: ServiceRequest) {
  return handlers[request.route](request);
}

/** Begins a request's work, and gives the database what is left for it. */
export function serveWith(database: Database): Serve {
  return (request, timing) => {
    const begun = begin(request);
    return 'status' in begun ? begun : database.run(begun, timing);
  };
}
