import { Worker } from 'node:worker_threads';
import { evenShares, refusalOf, type WorkerSlot, workersOf } from '../model/deployment.ts';
import { topologyOf } from '../model/topology.ts';
import type { WorkerCounters } from '../model/wire.ts';
import type { Config } from './config.ts';
import { Counters } from './counters.ts';
import type { Log } from './log.ts';
import type { WorkerMessage, WorkerOrder, WorkerSettings } from './worker.ts';

/** The worker threads of a process, as its control thread sees them: none is ever asked, a blocked one could not answer. */
export interface Workers {
  readonly listening: boolean;
  counters(): WorkerCounters[];
  /** Shares these connections out; says in a sentence why that cannot be. */
  shareConnections(databaseConnections: number): string | undefined;
  /** Resolves when every worker has answered what it accepted and is gone. */
  drain(): Promise<void>;
}

/** What happens to workers that somebody has to act upon. */
export interface WorkersOptions {
  /** The memory of the process's `DatabaseHealth`. */
  readonly health: SharedArrayBuffer;
  readonly log: Log;
  readonly onListening: () => void;
  /** A worker ended that was not told to. */
  readonly onDeath: (worker: string, error?: Error) => void;
}

interface RunningWorker {
  readonly slot: WorkerSlot;
  readonly port: number;
  readonly counters: Counters;
  readonly thread: Worker;
  listening: boolean;
}

/** Starts the workers of this process. */
export function startWorkers(config: Config, { health, log, onListening, onDeath }: WorkersOptions): Workers {
  const workers = workersOf(config.deployment)
    .filter(slot => slot.process === config.process)
    .map(slot => start(slot));
  let draining = false;

  function start(slot: WorkerSlot): RunningWorker {
    const memory = new SharedArrayBuffer(Counters.BYTES);
    const counters = new Counters(memory);
    counters.set('databaseConnections', slot.databaseConnections);
    const { host, databaseUrl, logLevel, deployment } = config;
    const port = config.workerPort + slot.thread - 1;
    const { app } = topologyOf(deployment.topology);
    const settings: WorkerSettings = {
      name: slot.name,
      hidden: deployment.hidden ?? false,
      app,
      host,
      port,
      databaseUrl,
      logLevel,
      counters: memory,
      health,
    };
    const thread = new Worker(new URL('./worker.ts', import.meta.url), { workerData: settings });
    const worker: RunningWorker = { slot, port, counters, thread, listening: false };
    thread.on('message', (message: WorkerMessage) => {
      worker.listening = true;
      log('info', 'worker-listening', { worker: slot.name, port: message.port });
      if (workers.every(({ listening }) => listening)) onListening();
    });
    thread.on('error', (error: Error) => onDeath(slot.name, error));
    thread.on('exit', () => {
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
        busy: thread.performance.eventLoopUtilization().active / 1000,
        ...counters.all(),
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
      await Promise.all(
        workers.map(({ thread }) => {
          thread.postMessage(order);
          return new Promise(resolve => thread.once('exit', resolve));
        }),
      );
    },
  };
}
