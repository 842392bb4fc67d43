import type { BlockingDatabase } from '../database/operation.ts';
import { type App, type AppContext, serveWith } from './app.ts';
import { expressRoutes } from './express-routes.ts';

export { openBlockingDatabase as openDatabase } from '../database/blocking.ts';

/** The service in Express, the thread blocked while a request waits for the database. */
export function createApp({ database, ...context }: AppContext<BlockingDatabase>): App {
  return expressRoutes(context, serveWith(database));
}
