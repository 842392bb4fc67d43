import type { NonBlockingDatabase } from '../database/operation.ts';
import { type App, type AppContext, serveWith } from './app.ts';
import { expressRoutes } from './express-routes.ts';

export { openNonBlockingDatabase as openDatabase } from '../database/non-blocking.ts';

/** The service in Express, each request a task that waits for the database without holding up the others. */
export function createApp({ database, ...context }: AppContext<NonBlockingDatabase>): App {
  return expressRoutes(context, serveWith(database));
}
