/** What a worker thread runs: one app on one port. */
import { flushCompileCache } from 'node:module';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { App } from './apps/app.ts';
import { Counters } from './counters.ts';
import { DatabaseHealth } from './database/health.ts';
import { createHttpServer } from './http-server.ts';
import { createLog, type LogLevel } from './log.ts';

/** What a worker thread is given. */
export interface WorkerSettings {
  readonly name: string;
  /** Its answers say neither its name nor how long they took. */
  readonly hidden: boolean;
  readonly app: string;
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly logLevel: LogLevel;
  /** The memory of its `Counters`. */
  readonly counters: SharedArrayBuffer;
  /** The memory of the process's `DatabaseHealth`. */
  readonly health: SharedArrayBuffer;
}

/** What a worker tells its process, and its process tells it. */
export type WorkerMessage = { readonly state: 'listening'; readonly port: number };
export type WorkerOrder = 'drain';

interface OpenApp {
  readonly listener: App;
  /** Closes the app's database connections. */
  close(): void | Promise<void>;
}

// Only compile.ts loads this file elsewhere.
if (parentPort !== null) await run(parentPort, workerData);

async function run(control: MessagePort, settings: WorkerSettings): Promise<void> {
  const counters = new Counters(settings.counters);
  const { listener, close } = await openApp(settings, counters);
  const server = createHttpServer(namedIn(settings), counters, listener);
  const listening: WorkerMessage = { state: 'listening', port: await server.listen(settings.host, settings.port) };
  control.postMessage(listening);
  flushCompileCache();
  control.once('message', async (_order: WorkerOrder) => {
    await server.drain();
    await close();
    control.close();
  });
}

/** Opens the app with its kind of database; imports nothing that it does not need, for memory and a quick start. */
async function openApp(settings: WorkerSettings, counters: Counters): Promise<OpenApp> {
  const { app, databaseUrl, logLevel, health } = settings;
  const log = createLog(settings.name, logLevel);
  const worker = namedIn(settings);
  const options = { url: databaseUrl, health: new DatabaseHealth(health), counters };
  if (app === 'blocking-express') {
    const { createApp } = await import('./apps/blocking-express.ts');
    const { openBlockingDatabase } = await import('./database/blocking.ts');
    const database = openBlockingDatabase(options);
    return { listener: createApp({ worker, database, log }), close: () => database.close() };
  }
  const { createApp } = app === 'fastify' ? await import('./apps/fastify.ts') : await import('./apps/express.ts');
  const { openNonBlockingDatabase } = await import('./database/non-blocking.ts');
  const database = openNonBlockingDatabase(options);
  return { listener: await createApp({ worker, database, log }), close: () => database.close() };
}

/** As the worker is called in its answers. */
function namedIn({ name, hidden }: WorkerSettings): string | undefined {
  return hidden ? undefined : name;
}
