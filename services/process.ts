/** What a process runs: this thread is its control thread, and starts one or many worker threads. */
import { Worker } from 'node:worker_threads';
import { ConfigError, config } from './config.ts';
import { type Controlled, createControlServer } from './control.ts';
import { Counters } from './counters.ts';
import { DatabaseHealth, watchDatabase } from './database/health.ts';
import { evenShares, type WorkerSlot, workersOf } from './deployment.ts';
import { limits } from './limits.ts';
import { createLog } from './log.ts';
import { topologyOf } from './topologies.ts';
import type { WorkerMessage, WorkerOrder, WorkerSettings } from './worker.ts';

interface RunningWorker {
  readonly slot: WorkerSlot;
  readonly port: number;
  readonly counters: Counters;
  readonly thread: Worker;
  listening: boolean;
}

const settings = readConfig();
const { deployment, host, databaseUrl, logLevel } = settings;
const log = createLog(`${deployment.topology}-${settings.process}`, logLevel);
const healthMemory = new SharedArrayBuffer(DatabaseHealth.BYTES);
const health = new DatabaseHealth(healthMemory);
const watching = new AbortController();
let draining = false;

process.on('SIGTERM', () => drain('SIGTERM'));
process.on('SIGINT', () => drain('SIGINT'));

const workers = workersOf(deployment)
  .filter(slot => slot.process === settings.process)
  .map(startWorker);
const controlled: Controlled = { counters, shareConnections, drain: () => draining || drain('order') };
const control = createControlServer(controlled, log);
control.on('error', error => end(1, 'control-failed', { error: error.message }));
control.listen(settings.controlPort, host);
watchDatabase(health, databaseUrl, watching.signal).catch((error: unknown) => {
  if (!watching.signal.aborted) end(1, 'watch-failed', { error: String(error) });
});

function startWorker(slot: WorkerSlot): RunningWorker {
  const memory = new SharedArrayBuffer(Counters.BYTES);
  const counters = new Counters(memory);
  counters.set('databaseConnections', slot.databaseConnections);
  const port = settings.workerPort + slot.thread - 1;
  const { app } = topologyOf(deployment.topology);
  const workerData = {
    name: slot.name,
    app,
    host,
    port,
    databaseUrl,
    logLevel,
    counters: memory,
    health: healthMemory,
  };
  const thread = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: workerData satisfies WorkerSettings,
  });
  const worker: RunningWorker = { slot, port, counters, thread, listening: false };
  thread.on('message', (message: WorkerMessage) => {
    worker.listening = true;
    log('info', 'worker-listening', { worker: slot.name, port: message.port });
    if (workers.every(({ listening }) => listening)) log('info', 'ready', { workers: workers.length });
  });
  thread.on('error', error => end(1, 'worker-failed', { worker: slot.name, error: error.stack ?? String(error) }));
  thread.on('exit', () => {
    if (!draining) end(1, 'worker-died', { worker: slot.name });
  });
  return worker;
}

function counters() {
  return {
    pid: process.pid,
    ready: !draining && workers.every(({ listening }) => listening),
    database: health.state,
    workers: workers.map(({ slot, port, counters, thread }) => ({
      name: slot.name,
      port,
      // Read from outside: a blocked thread cannot be asked.
      busy: thread.performance.eventLoopUtilization().active / 1000,
      ...counters.all(),
    })),
  };
}

function shareConnections(databaseConnections: number): string | undefined {
  if (databaseConnections < workers.length) return `Each of the ${workers.length} workers needs a connection.`;
  for (const [index, share] of evenShares(databaseConnections, workers.length).entries()) {
    workers[index]?.counters.set('databaseConnections', share);
  }
  return undefined;
}

function drain(reason: 'SIGTERM' | 'SIGINT' | 'order'): void {
  if (draining) end(1, 'hurried', { reason });
  draining = true;
  log('info', 'draining', { reason });
  setTimeout(() => end(1, 'drain-limit', { seconds: limits.worker.drain }), limits.worker.drain * 1000);
  const order: WorkerOrder = 'drain';
  const ended = workers.map(({ thread }) => new Promise(resolve => thread.once('exit', resolve)));
  for (const { thread } of workers) thread.postMessage(order);
  Promise.all(ended).then(() => end(0, 'drained'));
}

function end(code: 0 | 1, event: string, details: Readonly<Record<string, unknown>> = {}): never {
  log(code === 0 ? 'info' : 'error', event, details);
  watching.abort();
  process.exit(code);
}

function readConfig() {
  try {
    return config();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}
