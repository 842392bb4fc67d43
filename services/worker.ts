/** What a worker thread runs: one app on one port. */
import { parentPort, workerData } from 'node:worker_threads';
import type { App } from './apps/app.ts';
import { Counters } from './counters.ts';
import { DatabaseHealth } from './database/health.ts';
import { createHttpServer } from './http-server.ts';
import { createLog, type Log, type LogLevel } from './log.ts';
import type { AppName } from './topologies.ts';

/** What a worker thread is given. */
export interface WorkerSettings {
  readonly name: string;
  readonly app: AppName;
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

const { name, app, host, port, databaseUrl, logLevel, ...memory }: WorkerSettings = workerData;
const counters = new Counters(memory.counters);
const log = createLog(name, logLevel);
const { listener, close } = await openApp(app, log);
const server = createHttpServer(name, counters, listener);
const listening: WorkerMessage = { state: 'listening', port: await server.listen(host, port) };
parentPort?.postMessage(listening);

parentPort?.once('message', async (_order: WorkerOrder) => {
  await server.drain();
  await close();
  parentPort?.close();
});

/** Opens the app with its kind of database; imports nothing that it does not need, for memory and a quick start. */
async function openApp(app: AppName, log: Log): Promise<OpenApp> {
  const options = { url: databaseUrl, health: new DatabaseHealth(memory.health), counters };
  if (app === 'blocking-express') {
    const { createApp } = await import('./apps/blocking-express.ts');
    const { openBlockingDatabase } = await import('./database/blocking.ts');
    const database = openBlockingDatabase(options);
    return { listener: createApp({ worker: name, database, log }), close: () => database.close() };
  }
  const { createApp } = app === 'fastify' ? await import('./apps/fastify.ts') : await import('./apps/express.ts');
  const { openNonBlockingDatabase } = await import('./database/non-blocking.ts');
  const database = openNonBlockingDatabase(options);
  return { listener: await createApp({ worker: name, database, log }), close: () => database.close() };
}
