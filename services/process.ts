/**
 * What controls a process. It runs on the main thread and starts one or many worker threads; where the main thread is
 * the worker (cluster.ts) it runs on a thread beside it.
 */
import { flushCompileCache } from 'node:module';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { mebibytes } from '../model/deployment.ts';
import { limits } from '../model/limits.ts';
import type { MemoryKills } from '../model/wire.ts';
import { type Config, config } from './config.ts';
import { createControlServer } from './control.ts';
import { DatabaseHealth, watchDatabase } from './database/health.ts';
import { createLog, type LogLevel } from './log.ts';
import { readMemoryKills, takeUntoldKills } from './memory-kills.ts';
import { processResources } from './resources.ts';
import { type MainWorker, startWorkers } from './workers.ts';

type Details = Readonly<Record<string, unknown>>;

/** What a control thread beside a worker is given; the worker is given its `WorkerSettings` over its port. */
export interface ControlThreadData {
  readonly main: MainWorker;
}

/** What it is told by the main thread, which the system's signals come to. */
export type ControlThreadMessage = NodeJS.Signals;

// compile.ts loads this file too, on a thread without data.
if (isMainThread) run(await config());
else if (workerData !== undefined) run(await config(), (workerData as ControlThreadData).main);

function run(settings: Config, main?: MainWorker): void {
  const log = createLog(`${settings.deployment.topology}-${settings.process}`, settings.logLevel);
  const health = new SharedArrayBuffer(DatabaseHealth.BYTES);
  const database = new DatabaseHealth(health);
  const memoryKills = readMemoryKills();
  if (memoryKills && settings.memoryKillsTold) tellKills(memoryKills, settings.memoryKillsTold);
  let draining = false;
  let signalled = false;
  let failed = false;

  if (main === undefined) for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, obey);
  else parentPort?.on('message', (signal: ControlThreadMessage) => obey(signal));

  const workers = startWorkers(settings, {
    health,
    log,
    ...(main && { main }),
    onListening: () => {
      log('info', 'ready');
      flushCompileCache();
    },
    // PM2 starts another process: half a process would keep a port that nginx believes in.
    onDeath: (worker, error) => fail('worker-died', { worker, error: error?.stack }),
  });

  if (settings.controlPort !== undefined) openControl(settings.controlPort);
  watchDatabase(database, settings.databaseUrl, new AbortController().signal, {
    onFull: () =>
      log('error', 'too-many-connections', { next: 'raise DATABASE_MAX_CONNECTIONS or lower DATABASE_CONNECTIONS' }),
  }).catch((error: unknown) => fail('watch-failed', { error: String(error) }));

  function openControl(port: number): void {
    const control = createControlServer(
      {
        counters: () => ({
          pid: process.pid,
          ready: !draining && workers.listening,
          database: database.state,
          workers: workers.counters(),
          ...(memoryKills && { memoryKills }),
        }),
        resources: processResources,
        shareConnections: workers.shareConnections,
        drain: () => drain('order'),
        exit: () => end(1, 'ordered', 'info'),
      },
      log,
    );
    control.on('error', error => fail('control-failed', { error: error.message }));
    control.listen(port, settings.host);
  }

  /** PM2 starts a killed process again, and does not say why it ended. */
  function tellKills(kills: MemoryKills, file: string): void {
    const untold = takeUntoldKills(kills, file);
    if (untold === 0) return;
    const next = 'raise WORKERS_MEMORY or lower PROCESSES';
    log('error', 'killed-for-memory', { kills: untold, memoryLimit: `${mebibytes(kills.limit)} MiB`, next });
  }

  /** A first signal drains, whether or not that was ordered already; a second one hurries. */
  function obey(signal: NodeJS.Signals): void {
    if (signalled) end(1, 'hurried', 'error', { reason: signal });
    signalled = true;
    drain(signal);
  }

  function drain(reason: NodeJS.Signals | 'order'): void {
    if (draining) return;
    draining = true;
    log('info', 'draining', { reason });
    setTimeout(() => end(1, 'drain-limit', 'error', { seconds: limits.worker.drain }), limits.worker.drain * 1000);
    workers.drain().then(() => end(0, 'drained', 'info'));
  }

  /** PM2 starts it again at once: one that never was ready gives the machine to others for a while. */
  function fail(event: string, details: Details): void {
    if (workers.listening) end(1, event, 'error', details);
    if (failed) return;
    failed = true;
    log('error', event, details);
    setTimeout(() => process.exit(1), limits.worker.failedStart * 1000);
  }

  function end(code: 0 | 1, event: string, level: LogLevel, details: Details = {}): never {
    log(level, event, details);
    process.exit(code);
  }
}
