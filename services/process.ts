/** What a process runs: this thread is its control thread, and starts one or many worker threads. */
import { flushCompileCache } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { type Config, config } from './config.ts';
import { createControlServer } from './control.ts';
import { DatabaseHealth, watchDatabase } from './database/health.ts';
import { ConfigError } from './environment.ts';
import { limits } from './limits.ts';
import { createLog } from './log.ts';
import { startWorkers } from './workers.ts';

// Only compile.ts loads this file elsewhere.
if (isMainThread) run(readConfig());

function run(settings: Config): void {
  const log = createLog(`${settings.deployment.topology}-${settings.process}`, settings.logLevel);
  const health = new SharedArrayBuffer(DatabaseHealth.BYTES);
  const database = new DatabaseHealth(health);
  let draining = false;
  let signalled = false;

  process.on('SIGTERM', obey);
  process.on('SIGINT', obey);

  const workers = startWorkers(settings, {
    health,
    log,
    onListening: () => {
      log('info', 'ready');
      flushCompileCache();
    },
    // PM2 starts another process: half a process would keep a port that nginx believes in.
    onDeath: (worker, error) => end(1, 'worker-died', { worker, error: error?.stack }),
  });

  const control = createControlServer(
    {
      counters: () => ({
        pid: process.pid,
        ready: !draining && workers.listening,
        database: database.state,
        workers: workers.counters(),
      }),
      shareConnections: workers.shareConnections,
      drain: () => drain('order'),
    },
    log,
  );
  control.on('error', error => end(1, 'control-failed', { error: error.message }));
  control.listen(settings.controlPort, settings.host);
  watchDatabase(database, settings.databaseUrl, new AbortController().signal).catch((error: unknown) =>
    end(1, 'watch-failed', { error: String(error) }),
  );

  /** A first signal drains, whether or not that was ordered already; a second one hurries. */
  function obey(signal: NodeJS.Signals): void {
    if (signalled) end(1, 'hurried', { reason: signal });
    signalled = true;
    drain(signal);
  }

  function drain(reason: NodeJS.Signals | 'order'): void {
    if (draining) return;
    draining = true;
    log('info', 'draining', { reason });
    setTimeout(() => end(1, 'drain-limit', { seconds: limits.worker.drain }), limits.worker.drain * 1000);
    workers.drain().then(() => end(0, 'drained'));
  }

  function end(code: 0 | 1, event: string, details: Readonly<Record<string, unknown>> = {}): never {
    log(code === 0 ? 'info' : 'error', event, details);
    process.exit(code);
  }
}

function readConfig(): Config {
  try {
    return config();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}
