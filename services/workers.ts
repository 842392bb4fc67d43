import { type MessagePort, Worker } from 'node:worker_threads';
import { evenShares, listWorkers, refusalOf, type WorkerSlot } from '../model/deployment.ts';
import type { WorkerCounters } from '../model/wire.ts';
import type { Config } from './config.ts';
import { Counters } from './counters.ts';
import type { Log } from './log.ts';
import type { WorkerMessage, WorkerOrder, WorkerSettings } from './worker.ts';

/** The workers of a process, as its control thread sees them: none is ever asked, a blocked one could not answer. */
interface Workers {
  readonly listening: boolean;
  counters(): WorkerCounters[];
  /** Shares these connections out; says in a sentence why that cannot be. */
  shareConnections(databaseConnections: number): string | undefined;
  /** Resolves when every worker has answered what it accepted and is gone. */
  drain(): Promise<void>;
}

/** What happens to workers that somebody has to act upon. */
interface WorkersOptions {
  /** The memory of the process's `DatabaseHealth`. */
  readonly health: SharedArrayBuffer;
  readonly log: Log;
  /** The worker that the main thread of the process is; absent: each worker is started on a thread of its own. */
  readonly main?: MainWorker;
  readonly onListening: () => void;
  /** A worker ended that was not told to. */
  readonly onDeath: (worker: string, error?: Error) => void;
}

/** A main thread that is a worker, as its control thread reaches it. */
export interface MainWorker {
  readonly port: MessagePort;
  /** The memory of its `Counters`. */
  readonly counters: SharedArrayBuffer;
}

interface RunningWorker {
  readonly slot: WorkerSlot;
  readonly port: number;
  readonly counters: Counters;
  readonly thread: Worker | MessagePort;
  /** Resolves when it has drained. */
  readonly gone: Promise<void>;
  listening: boolean;
}

/** Starts the workers of this process. */
export function startWorkers(config: Config, options: WorkersOptions): Workers {
  const { log, main, onListening, onDeath } = options;
  const workers = listWorkers(config.deployment)
    .filter(slot => slot.process === config.process)
    .map(slot => start(slot));
  let draining = false;

  function start(slot: WorkerSlot): RunningWorker {
    const settings = workerSettings(config, slot, options);
    const { port } = settings;
    const counters = new Counters(settings.counters);
    counters.set('databaseConnections', slot.databaseConnections);
    const thread = main?.port ?? new Worker(new URL('./worker.ts', import.meta.url), { workerData: settings });
    main?.port.postMessage(settings);
    const gone = new Promise<void>(resolve =>
      thread.once(thread instanceof Worker ? 'exit' : 'close', () => resolve()),
    );
    const worker: RunningWorker = { slot, port, counters, thread, gone, listening: false };
    thread.on('message', (message: WorkerMessage) => {
      worker.listening = true;
      log('info', 'worker-listening', { worker: slot.name, port: message.port });
      if (workers.every(({ listening }) => listening)) onListening();
    });
    thread.on('error', (error: Error) => onDeath(slot.name, error));
    gone.then(() => {
      if (!draining) onDeath(slot.name);
    });
    return worker;
  }

  return {
    get listening() {
      return workers.every(({ listening }) => listening);
    },

    counters: () =>
      workers.map(({ slot, port, counters, thread }) => ({
        name: slot.name,
        port,
        ...counters.all(),
        ...(thread instanceof Worker && { busy: thread.performance.eventLoopUtilization().active / 1000 }),
      })),

    shareConnections(databaseConnections) {
      const refusal = refusalOf({ ...config.deployment, processes: 1, databaseConnections });
      if (refusal !== undefined) return `${refusal}.`;
      for (const [index, share] of evenShares(databaseConnections, workers.length).entries()) {
        workers[index]?.counters.set('databaseConnections', share);
      }
      return undefined;
    },

    async drain() {
      draining = true;
      const order: WorkerOrder = 'drain';
      for (const { thread } of workers) thread.postMessage(order);
      await Promise.all(workers.map(({ gone }) => gone));
    },
  };
}

function workerSettings(config: Config, slot: WorkerSlot, { health, main }: WorkersOptions): WorkerSettings {
  const { host, databaseUrl, logLevel, deployment, workerPort } = config;
  return {
    name: slot.name,
    hidden: deployment.hidden ?? false,
    app: deployment.spec.app,
    host,
    port: workerPort + slot.thread - 1,
    databaseUrl,
    logLevel,
    counters: main?.counters ?? new SharedArrayBuffer(Counters.BYTES),
    health,
  };
}
