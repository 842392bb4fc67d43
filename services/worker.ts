/** What a worker runs, on a thread of its own or on the main thread of its process: one app on one port. */
import type { RequestListener } from 'node:http';
import { flushCompileCache } from 'node:module';
import { performance } from 'node:perf_hooks';
import { isMainThread, type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { App, AppModule } from './apps/app.ts';
import { Counters } from './counters.ts';
import { DatabaseHealth } from './database/health.ts';
import { createHttpServer } from './http-server.ts';
import { createLog, type LogLevel } from './log.ts';

/** What a worker is given. */
export interface WorkerSettings {
  readonly name: string;
  /** Its answers say neither its name nor how long they took. */
  readonly hidden: boolean;
  /** A file of `apps/`: an `AppModule`. */
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

/** What a worker tells the control thread, and the control thread tells it. */
export type WorkerMessage = { readonly state: 'listening'; readonly port: number };
export type WorkerOrder = 'drain';

interface OpenApp {
  readonly listener: App;
  /** Closes the app's database connections. */
  close(): void | Promise<void>;
}

// It is loaded elsewhere too: by compile.ts, and where a main thread is the worker.
if (parentPort !== null && workerData !== undefined) await runWorker(parentPort, workerData);

/** Serves until the control thread orders to drain. */
export async function runWorker(control: MessagePort, settings: WorkerSettings): Promise<void> {
  // It may come before the worker listens.
  const order = new Promise<WorkerOrder>(resolve => control.once('message', resolve));
  const counters = new Counters(settings.counters);
  const { listener, close } = await openApp(settings, counters);
  const served = isMainThread ? busyTold(listener, counters) : listener;
  const server = createHttpServer(namedIn(settings), counters, served);
  const listening: WorkerMessage = { state: 'listening', port: await server.listen(settings.host, settings.port) };
  control.postMessage(listening);
  flushCompileCache();
  order.then(async () => {
    await server.drain();
    await close();
    control.close();
  });
}

/** A control thread cannot see how busy the main thread is: it tells before and after each request. */
function busyTold(listener: App, counters: Counters): RequestListener {
  const tell = () => counters.set('busy', performance.eventLoopUtilization().active / 1000);
  return (request, response) => {
    tell();
    response.once('close', tell);
    listener(request, response);
  };
}

/** Opens the app with its kind of database; imports no other app, for memory and a quick start. */
async function openApp(settings: WorkerSettings, counters: Counters): Promise<OpenApp> {
  const { app, databaseUrl, logLevel, health } = settings;
  const { createApp, openDatabase }: AppModule = await import(`./apps/${app}.ts`);
  const database = openDatabase({ url: databaseUrl, health: new DatabaseHealth(health), counters });
  const log = createLog(settings.name, logLevel);
  return {
    listener: await createApp({ worker: namedIn(settings), database, log }),
    close: () => database.close(),
  };
}

/** As the worker is called in its answers. */
function namedIn({ name, hidden }: WorkerSettings): string | undefined {
  return hidden ? undefined : name;
}
